"""Writes a large dataset in the form in which it lies on disk, a part after another."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from math import prod
from pathlib import Path
from types import TracebackType

import numpy as np
import pandas as pd

from components.data.columns import Array, missing
from components.data.mapped import new_array
from components.data.unpacked import CARD, MATRIX, Card, Kind, StoredColumn
from components.data.wording import listed
from components.recipe import Reading, Refusal

LARGEST = 15 << 30
"""Bytes of one array at most: a process that opens uploads may write no larger file."""
LEFT_FREE = 1 << 30
"""Bytes that stay free on the disk."""
MANY_WORDS = 1_000_000
"""A column with more different words than this says nothing of what samples have in common, and is left out."""

Parts = Iterable[Mapping[str, Array]]
"""The columns of a table, some rows at a time."""


class Unpacker:
    """The file while it is written; what is left by an error is no dataset. Each part of it raises a `Refusal` when the disk
    has no room."""

    def __init__(self, path: Path) -> None:
        self.folder = path.parent
        self._archive = zipfile.ZipFile(path, "w", zipfile.ZIP_STORED)
        self._columns: list[StoredColumn] = []

    def __enter__(self) -> Unpacker:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._archive.close()

    @contextmanager
    def array(self, name: str, shape: tuple[int, ...], dtype: np.dtype) -> Iterator[Callable[[Array], object]]:
        """A column of this shape, its samples counted by the first axis; they are handed over in order, some at a time."""
        entry = str(len(self._columns))
        with self._entry(entry, shape, dtype) as write:
            yield write
        self._columns.append(StoredColumn(name=name, kind="array", entry=entry))

    def whole(self, name: str, values: Array) -> None:
        """A column that is in memory: numbers, or words as objects."""
        if values.dtype == object:
            codes, words = pd.factorize(values)
            self._words(name, codes.astype(np.int32), words)
            return
        with self.array(name, values.shape, values.dtype) as write:
            write(values)

    def table(self, parts: Callable[[Collection[str]], Parts]) -> tuple[str, ...]:
        """All columns of a table.

        Args:
            parts: Reads the table from its beginning; the columns it is given are wanted as words. It is read twice, since
                only all of its rows say of what kind a column is.

        Returns:
            Notes on what was changed.
        """
        kinds, rows = _kinds(parts(()))
        if not rows:
            raise Refusal("The table has names but no rows; it needs at least one row of values below them.")
        words = [name for name, kind in kinds.items() if kind == "words"]
        numbers = [name for name in kinds if name not in words]
        codes = {name: np.empty(rows, np.int32) for name in words}
        known: dict[str, dict[str, int]] = {name: {} for name in words}
        row = 0

        def fill(write: Callable[[Array], object]) -> None:
            nonlocal row
            for part in parts(words):
                if numbers:
                    write(np.stack([part[name] for name in numbers], axis=1).astype(np.float64))
                count = len(next(iter(part.values())))
                for name in words:
                    codes[name][row : row + count] = _codes(part[name], known[name])
                row += count

        if numbers:
            with self._entry(MATRIX, (rows, len(numbers)), np.dtype(np.float64)) as write:
                fill(write)
        else:
            fill(lambda values: None)
        many = [name for name in words if len(known[name]) > MANY_WORDS]
        for name, kind in kinds.items():
            if name in many:
                continue
            if kind == "words":
                self._words(name, codes[name], list(known[name]))
            else:
                self._columns.append(StoredColumn(name=name, kind=kind, place=numbers.index(name)))
        return (f"Columns with more than {MANY_WORDS:,} different words were left out: {listed(many)}.",) if many else ()

    def close(self, notes: Iterable[str], reading: Reading) -> None:
        """The last word: without it, the file is no dataset."""
        card = Card(columns=tuple(self._columns), notes=tuple(notes), reading=reading)
        self._archive.writestr(CARD, card.model_dump_json())

    def check_room(self, size: int) -> None:
        """Refuses what would fill the disk.

        Raises:
            Refusal: when it has no room for `size` bytes.
        """
        free = max(0, shutil.disk_usage(self.folder).free - LEFT_FREE)
        if size > min(LARGEST, free):
            room = f"{free / 2**30:.1f} GiB are free" if free < LARGEST else f"at most {LARGEST >> 30} GiB can be kept"
            raise Refusal(
                f"The dataset takes {size / 2**30:.1f} GiB on disk as numbers, and {room}. Make room, or bring fewer samples."
            )

    def _words(self, name: str, codes: Array, categories: Iterable[str]) -> None:
        entry = str(len(self._columns))
        with self._entry(entry, codes.shape, codes.dtype) as write:
            write(codes)
        self._columns.append(StoredColumn(name=name, kind="words", entry=entry, categories=tuple(categories)))

    @contextmanager
    def _entry(self, entry: str, shape: tuple[int, ...], dtype: np.dtype) -> Iterator[Callable[[Array], object]]:
        self.check_room(prod(shape) * dtype.itemsize)
        with new_array(self._archive, entry, shape, dtype) as file:
            yield lambda values: file.write(np.ascontiguousarray(values, dtype).data)


def _kinds(parts: Parts) -> tuple[dict[str, Kind], int]:
    """The kind of each column over all rows, and how many rows there are."""
    found: dict[str, set[str]] = {}
    rows = 0
    for part in parts:
        rows += len(next(iter(part.values())))
        for name, values in part.items():
            found.setdefault(name, set()).add("i" if values.dtype.kind == "u" else values.dtype.kind)
    return {name: _kind(kinds) for name, kinds in found.items()}, rows


def _kind(kinds: set[str]) -> Kind:
    if kinds <= {"i", "f"}:
        return "integer" if kinds == {"i"} else "number"
    return "boolean" if kinds == {"b"} else "words"


def _codes(values: Array, known: dict[str, int]) -> Array:
    """The number of each word, -1 for a gap; new words are added to `known`."""
    if values.dtype != object:
        gaps = missing(values)
        values = np.array([None if gap else str(value) for value, gap in zip(values.tolist(), gaps, strict=True)], dtype=object)
    codes, words = pd.factorize(values)
    places = np.array([known.setdefault(word, len(known)) for word in words] + [-1], dtype=np.int32)
    return places[codes]
