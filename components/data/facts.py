"""What is known of a dataset once it was read: plain values, no arrays."""

from __future__ import annotations

from typing import Any, Literal

from components.recipe import Document, Reading, Shape
from components.recipe.reading import Separator


class Column(Document):
    """One column of a table, or one array of an NPZ file (`shape` is that of one sample; `()` for a column).

    `classes` are the distinct values in sorted order as text (an example's in its own order), where there are at most 200 of
    them, or 20 in a column of numbers amid a table, else empty; `counts` how often each occurs. `minimum` … `deviation` are
    over all finite values of a numeric column. `labels` are the different words of text in whose cells several of them stand,
    with `separator` between.
    """

    name: str
    kind: Literal["number", "integer", "text", "boolean", "time"]
    shape: Shape = ()
    missing: int = 0
    classes: tuple[str, ...] = ()
    counts: tuple[int, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    mean: float | None = None
    deviation: float | None = None
    labels: tuple[str, ...] = ()
    separator: Separator | None = None


class DatasetFacts(Document):
    """A dataset's card. `preview` holds the first rows as plain values, `reading` is how the file was read."""

    sha256: str
    file_name: str
    size: int
    format: Literal["csv", "npz", "parquet", "xlsx", "images", "example"]
    rows: int
    columns: tuple[Column, ...]
    preview: tuple[dict[str, Any], ...] = ()
    notes: tuple[str, ...] = ()
    reading: Reading | None = None


class Statistics(Document):
    """Of one input over the training split, for each value of a sample in row-major order."""

    minimum: float
    maximum: float
    mean: tuple[float, ...]
    deviation: tuple[float, ...]


class Bound(Document):
    """A dataset bound to a recipe: how many samples each split holds, and each input's statistics by its name."""

    training: int
    validation: int
    test: int
    calibration: int = 0
    class_counts: tuple[int, ...] = ()
    statistics: dict[str, Statistics] = {}
    notes: tuple[str, ...] = ()
