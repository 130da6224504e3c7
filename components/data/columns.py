"""What is told of a column: kind, missing values, classes and numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil, prod
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from components.data.array_facts import array_facts
from components.data.facts import Column
from components.data.marked_text import recognise_labels
from components.recipe import Reading

Array = npt.NDArray[Any]
Kind = Literal["number", "integer", "text", "boolean", "time"]

MANY_CLASSES, FEW_CLASSES = 200, 20
PREVIEW_ROWS, PREVIEW_VALUES = 8, 4096
TARGET_NAMES = ("target", "label", "labels", "class", "y", "outcome", "species", "diagnosis", "digit")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}.*)?")


@dataclass(frozen=True)
class Columns:
    """A dataset: arrays of one length by name, in memory or on disk. Text columns hold `str`, with None for a gap.

    `classes` is a column's own order of classes where it is not the sorted one; `notes` tells what reading changed, `reading`
    how the file was read. `texts` names the text columns where that is known without reading them.
    """

    arrays: Mapping[str, Array]
    notes: tuple[str, ...] = ()
    classes: Mapping[str, tuple[str, ...]] | None = None
    reading: Reading | None = None
    texts: tuple[str, ...] | None = None

    @property
    def text_columns(self) -> tuple[str, ...]:
        """The names of the columns of text."""
        if self.texts is not None:
            return self.texts
        return tuple(name for name, array in self.arrays.items() if array.dtype == object)

    @property
    def rows(self) -> int:
        """The number of samples."""
        return len(next(iter(self.arrays.values())))


def missing(values: Array) -> npt.NDArray[np.bool_]:
    """Where a column has no value: None in text, and in numbers whatever is not finite."""
    if values.dtype == object:
        return np.array([value is None for value in values], dtype=bool)
    if values.dtype.kind == "f":
        return np.asarray(~np.isfinite(values))
    return np.zeros(values.shape, dtype=bool)


def as_text(values: Array) -> Array:
    """Values as the text by which classes are named: whole numbers without a decimal point, truth values as `true`/`false`."""
    if values.dtype.kind == "b":
        return np.where(values, "true", "false").astype(object)
    if values.dtype.kind == "f":
        return np.array([str(int(value)) if value.is_integer() else str(value) for value in values.tolist()], dtype=object)
    return np.array([str(value) for value in values.tolist()], dtype=object)


def kind(values: Array) -> Kind:
    """The kind of a column, from its values: floats that are all whole count as integers (a gap makes pandas use floats)."""
    if values.dtype.kind == "b":
        return "boolean"
    if values.dtype.kind in "iu":
        return "integer"
    present = values[~missing(values)]
    if values.dtype.kind == "f":
        return "integer" if present.size and bool(np.all(present == np.floor(present))) else "number"
    return "time" if len(present) and all(_DATE.fullmatch(value) for value in present[:100]) else "text"


def describe(columns: Columns) -> Iterator[Column]:
    """Each column's facts. Up to 200 classes are listed where they may be wanted as a target, and up to 20 elsewhere.

    A target may be any column of text, one that is named like a target, and the first and the last: else the card of a
    picture's thousand pixels would list every grey value of each.
    """
    names = list(columns.arrays)
    for name, values in columns.arrays.items():
        wanted = values.dtype == object or name.lower() in TARGET_NAMES or name in (names[0], names[-1])
        yield _describe(name, values, MANY_CLASSES if wanted else FEW_CLASSES, (columns.classes or {}).get(name))


def _describe(name: str, values: Array, limit: int, own_order: tuple[str, ...] | None) -> Column:
    if values.ndim > 1:
        return Column(name=name, shape=values.shape[1:], **array_facts(values))
    gaps = missing(values)
    facts: dict[str, Any] = {"name": name, "kind": kind(values), "missing": int(gaps.sum())}
    present = values[~gaps]
    if present.size:
        distinct, counts = np.unique(present, return_counts=True)
        marked = recognise_labels(distinct, counts.tolist(), MANY_CLASSES) if values.dtype == object else None
        if marked:
            facts |= {"labels": tuple(marked.counts), "separator": marked.separator}
        if len(distinct) <= limit:
            by_class = dict(zip(as_text(distinct).tolist(), counts.tolist(), strict=True))
            classes = own_order or tuple(by_class)
            facts |= {"classes": classes, "counts": tuple(by_class.get(each, 0) for each in classes)}
    if values.dtype.kind in "iuf" and present.size:
        facts |= {
            "minimum": float(present.min()),
            "maximum": float(present.max()),
            "mean": float(present.mean(dtype=np.float64)),
            "deviation": float(present.std(dtype=np.float64)),
        }
    return Column(**facts)


def preview(columns: Columns) -> tuple[dict[str, Any], ...]:
    """The first rows as plain values; arrays as nested lists, unless one sample has more than 4096 values.

    Larger pictures are shown as the means of blocks of their pixels.
    """
    # Copied, for a column that was read from disk to go again.
    first = {name: _small(values[:PREVIEW_ROWS].copy()) for name, values in columns.arrays.items()}
    lists = {name: values.tolist() for name, values in first.items() if prod(values.shape[1:]) <= PREVIEW_VALUES}
    return tuple({name: _plain(rows[row]) for name, rows in lists.items()} for row in range(min(columns.rows, PREVIEW_ROWS)))


def _small(pictures: Array) -> Array:
    if pictures.ndim != 4 or prod(pictures.shape[1:]) <= PREVIEW_VALUES or min(pictures.shape[1:3]) < 32:
        return pictures
    block = ceil((prod(pictures.shape[1:]) / PREVIEW_VALUES) ** 0.5)
    count, height, width, channels = pictures.shape
    rows, places = height // block, width // block
    cut = pictures[:, : rows * block, : places * block].reshape(count, rows, block, places, block, channels)
    return np.asarray(cut.mean(axis=(2, 4)).astype(pictures.dtype))


def _plain(value: Any) -> Any:
    """None instead of a number that JSON does not know, and long text cut."""
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value[:200] if isinstance(value, str) else value
