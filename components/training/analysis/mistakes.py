"""The samples that the fused model gets wrong, as a person can look at them."""

from __future__ import annotations

from base64 import b64encode

import numpy as np

from components.data.columns import Array
from components.data.samples import Samples
from components.recipe import Input, Target
from components.training.analysis.findings import Mistake, Mistakes
from components.training.analysis.registry import analysis
from components.training.analysis.thumbnail import is_picture, thumbnail
from components.training.scores import class_shares
from components.training.tested import Tested

SHOWN = 24
MOST_COLUMNS = 64


@analysis("binary", "multiclass", "regression")
def mistakes(tested: Tested, calibration: Tested | None) -> Mistakes:
    """The mistakes of which the model is surest; of a regression, where nothing is quite right, the largest errors."""
    if tested.target.task == "regression":
        said = tested.prediction[:, 0].astype(np.float64)
        size = np.abs(said - tested.truth)
        wrong = np.arange(len(said))
    else:
        shares = class_shares(tested.prediction.astype(np.float64))
        said, size = shares.argmax(axis=1), shares.max(axis=1)
        wrong = np.flatnonzero(said != tested.truth)
    first = wrong[np.argsort(-size[wrong], kind="stable")][:SHOWN]
    shown = [
        Mistake(
            row=int(tested.rows[place]),
            truth=_word(tested.target, tested.truth[place]),
            said=_word(tested.target, said[place]),
            confidence=float(size[place]),
            picture=_picture(tested.inputs, tested.samples, int(tested.part[place])),
            values=_values(tested.inputs, tested.samples, int(tested.part[place])),
        )
        for place in first
    ]
    return Mistakes(wrong=len(wrong), shown=tuple(shown))


def _word(target: Target, value: float) -> str:
    return target.classes[int(value)] if target.classes else f"{value:.5g}"


def _picture(inputs: tuple[Input, ...], samples: Samples, place: int) -> str:
    """The sample's first picture, where it has one."""
    found = [samples.inputs[each.name] for each in inputs if each.array and is_picture(each.shape)]
    return b64encode(thumbnail(found[0][place])).decode() if found else ""


def _values(inputs: tuple[Input, ...], samples: Samples, place: int) -> dict[str, float | str]:
    """The sample's columns as they feed the model: gaps are filled, and places of categories are words again."""
    values: dict[str, float | str] = {}
    for each in inputs:
        if each.array is None:
            values.update(_columns(each, samples.inputs[each.name][place].ravel()))
    return dict(list(values.items())[:MOST_COLUMNS])


def _columns(wanted: Input, row: Array) -> dict[str, float | str]:
    numbers = [name for name in wanted.columns if name not in wanted.categories]
    values: dict[str, float | str] = {name: float(f"{value:.6g}") for name, value in zip(numbers, row, strict=False)}
    begin = len(numbers)
    for name, categories in wanted.categories.items():
        places = row[begin : begin + len(categories)]
        values[name] = categories[int(places.argmax())] if places.any() else ""
        begin += len(categories)
    return values
