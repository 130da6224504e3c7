"""One input of a fused model, made of columns or an array that stay on disk: the values that one in memory would have."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from components.data.array_facts import BLOCK
from components.data.categories import one_hot
from components.data.columns import Array, Columns
from components.data.on_disk import Floats, Indices, OnDisk, Words
from components.data.unpacked import ColumnsOnDisk
from components.recipe import Input


def on_disk(columns: Columns, wanted: Input, rows: Indices) -> OnDisk | None:
    """The numbers of an input, where they lie on disk, with their gaps; None where they are in memory.

    Args:
        columns: The dataset.
        wanted: The input.
        rows: Those of its samples.
    """
    arrays = columns.arrays
    numbers = [name for name in wanted.columns if name not in wanted.categories]
    if wanted.array is not None and isinstance(source := arrays[wanted.array], np.memmap):
        return OnDisk(source, rows, source.shape[1:])
    if wanted.array is None and isinstance(arrays, ColumnsOnDisk) and arrays.has_matrix and numbers:
        source, places = arrays.matrix(numbers)
        return OnDisk(source, rows, (len(places),), places)
    return None


def medians(values: OnDisk, training: Indices) -> tuple[int, Floats | None]:
    """How many values are missing, and what fills them at each place: the median over the training samples, or 0.

    None where nothing is missing. Where much is, the file is gone through several times.
    """
    if values.source.dtype.kind != "f":
        return 0, None
    width = values.numbers(values.rows[:1]).shape[1]
    missing = np.zeros(width, dtype=np.int64)
    for block in _blocks(values, values.rows, width):
        missing += (~np.isfinite(block)).sum(axis=0)
    if not missing.any():
        return 0, None
    fill = np.zeros(width, dtype=np.float32)
    wanted = np.flatnonzero(missing)
    at_once = max(1, 2 * BLOCK // (4 * max(1, len(training))))
    for begin in range(0, len(wanted), at_once):
        places = wanted[begin : begin + at_once]
        found = np.concatenate([block[:, places] for block in _blocks(values, values.rows[training], width)])
        for place, column in zip(places, found.T, strict=True):
            present = column[np.isfinite(column)]
            fill[place] = np.median(present) if present.size else 0
    return int(missing.sum()), fill


def words(text: Array, categories: tuple[str, ...], training: Indices, values: OnDisk) -> Words:
    """A column of words as `one_hot` has it, by the number of each word instead of a row of zeros and a one."""
    order = {word: number for number, word in enumerate(categories)}
    gap, other = len(categories), len(categories) + 1
    codes = np.array([gap if word is None else order.get(word, other) for word in text.tolist()], dtype=np.int16)
    table = one_hot(np.array([*categories, None, ""], dtype=object), [*categories], codes[training])
    if "" in order:
        table[other] = 0
    of_rows = np.zeros(len(values.source), dtype=np.int16)
    of_rows[values.rows] = codes
    return Words(of_rows, table)


def _blocks(values: OnDisk, rows: Indices, width: int) -> Iterator[Floats]:
    step = max(1, BLOCK // (4 * width))
    for begin in range(0, len(rows), step):
        yield values.numbers(rows[begin : begin + step])
