"""What a binding makes of a dataset: sizes of the splits, classes, and statistics of each input."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from components.data.columns import Array
from components.data.facts import Bound, Statistics
from components.data.load import load_samples
from components.data.samples import Floats
from components.data.split import split
from components.recipe import Data, Target


def bind(data: Data, path: Path | None) -> Bound:
    """Binds a dataset to a recipe: counts over all usable samples, statistics over the training split alone.

    Args:
        data: The binding.
        path: The stored file; None for an example.

    Raises:
        Refusal: as `load_samples` and `split`.
    """
    samples = load_samples(data, path)
    splits = split(samples, data.split)
    return Bound(
        training=len(splits.training),
        validation=len(splits.validation),
        test=len(splits.test),
        calibration=len(splits.calibration),
        class_counts=_class_counts(data.target, samples.target),
        statistics={name: statistics(array[splits.training]) for name, array in samples.inputs.items()},
        notes=(*samples.notes, *splits.notes),
    )


def _class_counts(target: Target, values: Array) -> tuple[int, ...]:
    """How many samples each class or label has; of a regression nothing."""
    if target.task == "regression":
        return ()
    if target.task == "multilabel":
        return tuple(int(count) for count in values.sum(axis=0))
    return tuple(int(count) for count in np.bincount(values.astype(np.int64), minlength=len(target.classes)))


def statistics(array: Floats) -> Statistics:
    """Range, and mean and deviation at each place of a sample, of an array of shape (n, *input shape)."""
    flat = array.reshape(len(array), -1)
    return Statistics(
        minimum=float(flat.min()),
        maximum=float(flat.max()),
        mean=tuple(flat.mean(axis=0, dtype=np.float64).tolist()),
        deviation=tuple(flat.std(axis=0, dtype=np.float64).tolist()),
    )
