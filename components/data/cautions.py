"""What of a bound dataset a person should know before they train on it: classes and columns that teach nothing, or too much."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from components.data.columns import Array
from components.data.on_disk import taken
from components.data.samples import Samples
from components.data.split import Splits
from components.data.wording import listed
from components.recipe import Data, Target

MOST_SAMPLES = 5000
"""Samples on which columns are looked at."""

GLANCE = 100
SAME = 1 - 1e-9
"""A correlation above this is that of a column with itself in another unit."""


def cautions(data: Data, samples: Samples, splits: Splits) -> tuple[str, ...]:
    """Sentences on what is suspicious: it does no harm to a run, but to what a person makes of it."""
    return (*_unlearnt(data, samples, splits), *_columns(data, samples, splits))


def _unlearnt(data: Data, samples: Samples, splits: Splits) -> Iterator[str]:
    """Classes and labels that no training sample has."""
    for target, values in zip(data.targets, samples.targets, strict=True):
        if target.task == "regression":
            continue
        trained = values[splits.training]
        counts = (
            trained.sum(axis=0) if values.ndim == 2 else np.bincount(trained.astype(np.int64), minlength=len(target.classes))
        )
        absent = [name for name, count in zip(target.classes, counts, strict=True) if not count]
        if absent:
            yield (
                f"No training sample of {listed([target.name])} has {listed(absent)}, so that cannot be learnt. Bring more "
                "samples of it, or try another seed of the split."
            )


def _columns(data: Data, samples: Samples, splits: Splits) -> Iterator[str]:
    """Columns of numbers that are constant, or say the same as a target."""
    rows = splits.training[:MOST_SAMPLES]
    for each in data.inputs:
        names = [name for name in each.columns if name not in each.categories]
        if not names:
            continue
        values = np.asarray(taken(samples.inputs[each.name], rows))[:, : len(names)].astype(np.float64)
        constant = values.min(axis=0) == values.max(axis=0)
        if constant.any():
            found = listed(np.array(names)[constant])
            has, tells = ("has", "tells") if constant.sum() == 1 else ("have", "tell")
            yield f"{found} {has} the same value in every training sample and {tells} the model nothing."
        for target, wanted in zip(data.targets, samples.targets, strict=True):
            same = [
                name
                for place, name in enumerate(names)
                if not constant[place] and _says(values[:, place], wanted[rows], target)
            ]
            if same:
                says, it, them = ("says", "it", "it") if len(same) == 1 else ("say", "they", "them")
                yield (
                    f"{listed(same)} {says} the same as the target {listed([target.name])} in every training sample. "
                    f"Take {them} out of the inputs if {it} would not be known at the time of a prediction."
                )


def _says(column: Array, wanted: Array, target: Target) -> bool:
    """Whether a column holds the target itself: in another unit, or under other names of the classes."""
    if target.task == "multilabel":
        return False
    # Of thousands of columns, nearly all show in a few samples that they say something else.
    few = min(len(column), GLANCE)
    if target.task == "regression":
        varies = wanted.min() < wanted.max()
        return bool(varies) and _is_line(column[:few], wanted[:few]) and _is_line(column, wanted)
    if len(np.unique(column[:few])) != len(np.unique(wanted[:few])):
        return False
    values, classes = np.unique(column), np.unique(wanted)
    if len(values) != len(classes) or len(classes) < 2:
        return False
    return len(np.unique(np.stack([column, wanted], axis=1), axis=0)) == len(values)


def _is_line(column: Array, wanted: Array) -> bool:
    """Whether all points lie on one line; a constant lies on every one."""
    if column.min() == column.max() or wanted.min() == wanted.max():
        return True
    return abs(float(np.corrcoef(column, wanted)[0, 1])) > SAME
