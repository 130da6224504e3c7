"""What a binding makes of a dataset: sizes of the splits, classes, and statistics of each input."""

from __future__ import annotations

from pathlib import Path
from weakref import WeakKeyDictionary

import numpy as np

from components.data.cautions import cautions
from components.data.columns import Array
from components.data.facts import Bound, Statistics
from components.data.load import load_samples
from components.data.on_disk import MOST_IN_MEMORY, Indices, OnDisk, Values, blocks
from components.data.samples import Samples
from components.data.split import Splits, split
from components.recipe import Data, Target


def bind(data: Data, path: Path | None, in_memory: int = MOST_IN_MEMORY) -> Bound:
    """Binds a dataset to a recipe: counts over all usable samples, statistics over the training split alone.

    Args:
        data: The binding.
        path: The stored file; None for an example.
        in_memory: A dataset of more bytes stays on disk.

    Raises:
        Refusal: as `load_samples` and `split`.
    """
    samples = load_samples(data, path, in_memory)
    return bound_of(data, samples, split(samples, data.split))


def bound_of(data: Data, samples: Samples, splits: Splits) -> Bound:
    """The same of a dataset that is loaded already."""
    return Bound(
        training=len(splits.training),
        validation=len(splits.validation),
        test=len(splits.test),
        calibration=len(splits.calibration),
        class_counts=_class_counts(data.target, samples.target),
        statistics={name: statistics(values, splits.training) for name, values in samples.inputs.items()},
        notes=(*samples.notes, *splits.notes, *cautions(data, samples, splits)),
    )


def _class_counts(target: Target, values: Array) -> tuple[int, ...]:
    """How many samples each class or label has; of a regression nothing."""
    if target.task == "regression":
        return ()
    if target.task == "multilabel":
        return tuple(int(count) for count in values.sum(axis=0))
    return tuple(int(count) for count in np.bincount(values.astype(np.int64), minlength=len(target.classes)))


def statistics(values: Values, rows: Indices) -> Statistics:
    """Range, and mean and deviation at each place of a sample, of these rows of an input; kept for one on disk."""
    kept = _KEPT.setdefault(values, {}) if isinstance(values, OnDisk) else {}
    if id(rows) not in kept:
        kept[id(rows)] = (rows, _statistics(values, rows))
    return kept[id(rows)][1]


_KEPT: WeakKeyDictionary[OnDisk, dict[int, tuple[Indices, Statistics]]] = WeakKeyDictionary()
"""By input, and by the rows that are named with it so that they stay: going through a large file takes seconds."""


def _statistics(values: Values, rows: Indices) -> Statistics:
    lows, highs, sums = zip(
        *((block.min(), block.max(), block.sum(axis=0, dtype=np.float64)) for block in blocks(values, rows)), strict=True
    )
    mean = np.sum(sums, axis=0) / len(rows)
    squares = sum(np.square(block - mean).sum(axis=0) for block in blocks(values, rows))
    return Statistics(
        minimum=float(min(lows)),
        maximum=float(max(highs)),
        mean=tuple(mean.tolist()),
        deviation=tuple(np.sqrt(squares / len(rows)).tolist()),
    )
