"""Inputs that are larger than memory: they stay on disk, and rows of them are read when they are asked for."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import prod

import numpy as np
import numpy.typing as npt

from components.data.array_facts import BLOCK
from components.data.columns import Array

Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]

MOST_IN_MEMORY = 256 << 20
"""A dataset of more bytes than this stays on disk. Reading and training hold a few copies of what is in memory."""
STAYS = "The dataset is larger than what is kept in memory: it stays on disk and is read batch by batch."


@dataclass(frozen=True)
class Words:
    """A column of words among the inputs: `codes` number the category of each row of the source, `table` has its values."""

    codes: Array
    table: Floats


@dataclass(frozen=True, eq=False)
class OnDisk:
    """An input of shape (n, *sample). Indexing reads rows as float32, as an array in memory would give them.

    Attributes:
        source: A memory-mapped array of numbers, with rows for at least all samples.
        rows: The row of each sample in the source.
        sample: The shape of one sample.
        places: The columns of a source with two axes that feed this input, in order; None for all.
        fill: What stands for whatever is no finite number in float32, at each place of a row; None where there are no gaps.
        words: Columns of words, one place for each category, behind the numbers.
    """

    source: Array
    rows: Indices
    sample: tuple[int, ...]
    places: Indices | None = None
    fill: Floats | None = None
    words: Sequence[Words] = ()

    @property
    def shape(self) -> tuple[int, ...]:
        """The number of samples, and the shape of each."""
        return (len(self.rows), *self.sample)

    @property
    def ndim(self) -> int:
        """The number of axes, that of the samples included."""
        return len(self.shape)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, which: Indices | slice | int) -> Floats:
        if isinstance(which, int):
            return np.asarray(self[which : which + 1 or None][0])
        rows = self.rows[which]
        values = self.numbers(rows)
        if self.fill is not None:
            values = np.where(np.isfinite(values), values, self.fill)
        if self.words:
            values = np.concatenate([values, *(each.table[each.codes[rows]] for each in self.words)], axis=1)
        return values.reshape(len(rows), *self.sample)

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> Array:
        """All samples, in memory."""
        return np.asarray(self[:], dtype)

    def numbers(self, rows: Indices) -> Floats:
        """The numbers of these rows of the source as they are there, side by side; beyond float32 they are infinite."""
        values = self.source[rows].reshape(len(rows), prod(self.source.shape[1:]))
        if self.places is not None:
            values = values[:, self.places]
        with np.errstate(over="ignore"):
            return np.asarray(values, dtype=np.float32)

    def taken(self, which: Indices) -> OnDisk:
        """These samples alone; nothing is read."""
        return replace(self, rows=self.rows[which])


Values = Floats | OnDisk
"""An input of shape (n, *sample): in memory, or on disk."""


def taken(values: Values, which: Indices) -> Values:
    """These samples of an input: copied where it is in memory, noted where it is on disk."""
    return values.taken(which) if isinstance(values, OnDisk) else values[which]


def blocks(values: Values, which: Indices) -> Iterator[Floats]:
    """These samples of an input, 32 MiB of them at a time, each of shape (rows, values of a sample).

    An input in memory comes in the same blocks as one on disk, so that what is summed over them is the same to the last bit.
    """
    size = max(1, BLOCK // (4 * max(1, prod(values.shape[1:]))))
    for begin in range(0, len(which), size):
        part = which[begin : begin + size]
        yield np.ascontiguousarray(values[part].reshape(len(part), -1))


def on_temporary_file(shape: tuple[int, ...], dtype: npt.DTypeLike) -> Array:
    """An array on disk that can be written; it goes when nobody holds it any more."""
    with tempfile.TemporaryFile() as file:
        return np.memmap(file, dtype, "w+", shape=shape)


def as_values(array: Array) -> Values:
    """An array of samples as an input: one that is mapped stays on disk."""
    return OnDisk(array, np.arange(len(array)), array.shape[1:]) if isinstance(array, np.memmap) else array


def free_bytes() -> int:
    """How much `on_temporary_file` may take: half of what is free on its disk."""
    return shutil.disk_usage(tempfile.gettempdir()).free // 2


def few_enough(rows: Indices, inputs: Iterable[Values], most: int) -> Indices:
    """Of these samples as many, evenly chosen, as take at most `most` bytes of each input on disk; all where none is there."""
    steps = [-(-4 * len(rows) * prod(values.sample) // most) for values in inputs if isinstance(values, OnDisk)]
    return rows[:: max(steps, default=1)]
