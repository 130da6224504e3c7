"""The samples that the fused model gets wrong, as a person can look at them."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from typing import Any

import numpy as np

from components.data.columns import Array
from components.recipe import Input, Target, Task
from components.training.analysis.findings import Mistake, Mistakes
from components.training.analysis.registry import analysis
from components.training.analysis.thumbnail import is_picture, thumbnail
from components.training.feed import answer_text
from components.training.scores import class_shares
from components.training.tested import Tested

SHOWN = 24
MOST_COLUMNS = 64


@analysis("binary", "multiclass", "multilabel", "regression")
def mistakes(tested: Tested, calibration: Tested | None) -> Mistakes:
    """The mistakes of which the model is surest; of a regression, where nothing is quite right, the largest errors."""
    said, size, wrong = _WRONG[tested.target.task](tested.prediction.astype(np.float64), tested.truth)
    first = wrong[np.argsort(-size[wrong], kind="stable")][:SHOWN]
    pictures, values = _pictures(tested, tested.part[first]), _values(tested, tested.part[first])
    shown = [
        Mistake(
            row=int(tested.rows[place]),
            truth=_text(tested.target, tested.truth[place]),
            said=_text(tested.target, said[place]),
            confidence=float(size[place]),
            picture=picture,
            values=columns,
        )
        for place, picture, columns in zip(first, pictures, values, strict=True)
    ]
    return Mistakes(wrong=len(wrong), shown=tuple(shown))


def _classes(prediction: Array, truth: Array) -> tuple[Array, Array, Array]:
    """What is said of each sample, how sure the model is of it, and the positions of those that are wrong."""
    shares = class_shares(prediction)
    said = shares.argmax(axis=1)
    return said, shares.max(axis=1), np.flatnonzero(said != truth)


def _labels(prediction: Array, truth: Array) -> tuple[Array, Array, Array]:
    wrong = (prediction > 0.5) != (truth > 0.5)
    surest = np.where(wrong, np.maximum(prediction, 1 - prediction), 0).max(axis=1)
    return prediction, surest, np.flatnonzero(wrong.any(axis=1))


def _numbers(prediction: Array, truth: Array) -> tuple[Array, Array, Array]:
    said = prediction[:, 0]
    return said, np.abs(said - truth), np.arange(len(said))


_WRONG: dict[Task, Callable[[Array, Array], tuple[Array, Array, Array]]] = {
    "binary": _classes,
    "multiclass": _classes,
    "multilabel": _labels,
    "regression": _numbers,
}


def _text(target: Target, value: Any) -> str:
    return f"{value:.5g}" if target.task == "regression" else answer_text(target, value)


def _pictures(tested: Tested, places: Array) -> list[str]:
    """The samples' first pictures; empty where they have none."""
    found = next((each.name for each in tested.inputs if each.array and is_picture(each.shape)), None)
    if found is None:
        return [""] * len(places)
    return [b64encode(thumbnail(sample)).decode() for sample in tested.samples.inputs[found][places]]


def _values(tested: Tested, places: Array) -> list[dict[str, float | str]]:
    """The samples' columns as they feed the model: gaps are filled, and places of categories are words again."""
    found: list[dict[str, float | str]] = [{} for _ in places]
    for each in tested.inputs:
        if each.array is None:
            for values, row in zip(found, tested.samples.inputs[each.name][places], strict=True):
                values.update(_columns(each, row.ravel()))
    return [dict(list(values.items())[:MOST_COLUMNS]) for values in found]


def _columns(wanted: Input, row: Array) -> dict[str, float | str]:
    numbers = [name for name in wanted.columns if name not in wanted.categories]
    values: dict[str, float | str] = {name: float(f"{value:.6g}") for name, value in zip(numbers, row, strict=False)}
    begin = len(numbers)
    for name, categories in wanted.categories.items():
        places = row[begin : begin + len(categories)]
        values[name] = categories[int(places.argmax())] if places.any() else ""
        begin += len(categories)
    return values
