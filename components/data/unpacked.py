"""The form in which a large dataset lies on disk: one NPZ file of plain arrays that are mapped, never read as a whole.

Made once of a text table, a Parquet table, compressed arrays or pictures, and kept beside the upload. All numbers of a table
lie together, a row after a row, so that a sample is read in one piece.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import ItemsView, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

import numpy as np

from components.data.array_facts import BLOCK
from components.data.columns import Array, Columns
from components.data.mapped import map_array
from components.data.on_disk import STAYS
from components.recipe import Document, Reading, Refusal

Kind = Literal["number", "integer", "boolean", "words", "array"]
MATRIX, CARD = "numbers", "columns.json"


class StoredColumn(Document):
    """A column of the dataset: in the matrix at `place`, or an array of its own in `entry`; words by their `categories`."""

    name: str
    kind: Kind
    place: int = -1
    entry: str = ""
    categories: tuple[str, ...] = ()


class Card(Document):
    """What lies in the file beside the arrays."""

    columns: tuple[StoredColumn, ...]
    notes: tuple[str, ...] = ()
    reading: Reading | None = None


TYPES: dict[str, type] = {"number": np.float64, "integer": np.int64, "boolean": np.bool_}
"""The kinds of column that lie in the matrix, which is of float64, and their types."""


def unpacked_path(path: Path, reading: Reading | None) -> Path:
    """Where the unpacked form of a file lies: beside it, one for each way to read it; None is as its content suggests."""
    way = "" if reading is None else f".{hashlib.sha256(reading.model_dump_json().encode()).hexdigest()[:16]}"
    return path.with_name(f"{path.name}{way}.npz")


def open_unpacked(path: Path) -> Columns:
    """The columns of a dataset that was unpacked.

    Raises:
        Refusal: when the file is not whole.
    """
    try:
        columns = ColumnsOnDisk(path)
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, StopIteration) as error:
        raise Refusal("What was unpacked of this dataset is damaged; bring the dataset again.", str(error)) from error
    return Columns(columns, (*columns.card.notes, STAYS), reading=columns.card.reading, texts=columns.texts)


class ColumnsOnDisk(Mapping[str, Array]):
    """The columns by name. Arrays of several axes are mapped; all others are read when they are asked for, as they were."""

    def __init__(self, path: Path) -> None:
        with zipfile.ZipFile(path) as archive:
            self.card = Card.model_validate_json(archive.read(CARD))
            entries = [entry for entry in archive.infolist() if entry.filename != CARD]
        self._columns = {column.name: column for column in self.card.columns}
        self._arrays = {entry.filename.removesuffix(".npy"): map_array(path, entry) for entry in entries}
        self._rows = len(next(iter(self._arrays.values())))

    def matrix(self, names: Sequence[str]) -> tuple[Array, Array]:
        """The matrix of all numbers, and the places of these columns in it."""
        return self._arrays[MATRIX], np.array([self._columns[name].place for name in names], dtype=np.int64)

    @property
    def has_matrix(self) -> bool:
        """Whether it is a table with numbers."""
        return MATRIX in self._arrays

    @property
    def texts(self) -> tuple[str, ...]:
        """The columns of words."""
        return tuple(column.name for column in self.card.columns if column.kind == "words")

    def items(self) -> ItemsView[str, Array]:
        """All columns; those of the matrix are read many at a time."""
        return _Items(self)

    def walk(self) -> Iterator[tuple[str, Array]]:
        """What `items` goes through."""
        at_once = max(1, 4 * BLOCK // (8 * self._rows))
        in_matrix = [column for column in self.card.columns if column.kind in TYPES]
        waiting: dict[str, Array] = {}
        for column in self.card.columns:
            if column.kind not in TYPES:
                yield column.name, self[column.name]
                continue
            if column.name not in waiting:
                begin = in_matrix.index(column)
                waiting = self._from_matrix(in_matrix[begin : begin + at_once])
            yield column.name, waiting.pop(column.name)

    def __getitem__(self, name: str) -> Array:
        column = self._columns[name]
        if column.kind in TYPES:
            return self._from_matrix([column])[name]
        array = self._arrays[column.entry]
        if column.kind == "words":
            # A gap has the code -1, which is the last.
            return np.array([*column.categories, None], dtype=object)[array]
        return array if array.ndim > 1 else np.array(array)

    def __contains__(self, name: object) -> bool:
        return name in self._columns

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)

    def _from_matrix(self, columns: Sequence[StoredColumn]) -> dict[str, Array]:
        """Columns of the matrix, read in one walk over it."""
        matrix, places = self.matrix([column.name for column in columns])
        found = np.empty((len(columns), self._rows))
        step = max(1, BLOCK // (8 * matrix.shape[1]))
        for begin in range(0, self._rows, step):
            found[:, begin : begin + step] = matrix[begin : begin + step][:, places].T
        return {column.name: values.astype(TYPES[column.kind]) for column, values in zip(columns, found, strict=True)}


class _Items(ItemsView[str, Array]):
    _mapping: ColumnsOnDisk

    def __iter__(self) -> Iterator[tuple[str, Array]]:
        return self._mapping.walk()
