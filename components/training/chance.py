"""Members that predict these data no better than chance, with the likely cause."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import keras
import numpy as np
from scipy.optimize import linear_sum_assignment

from components.data.columns import Array
from components.data.samples import Samples
from components.data.split import Splits
from components.recipe import Recipe, Task
from components.training.alone import predict_alone
from components.training.class_order import chance_level, in_best_order, is_above_chance
from components.training.feed import target_of
from components.training.scaling import MOST_SAMPLES, finite
from components.training.scores import loss_and_metric

OTHER_DATA = "Its scaling may differ from the data's, or it was trained on other data."
IN_ORDER = "name them on the Models page, in the order of its output."


def chance_warnings(recipe: Recipe, models: Mapping[str, keras.Model], samples: Samples, splits: Splits) -> dict[str, str]:
    """A sentence on each member that predicts no better than chance on the validation split, with the likely cause.

    Chance is the share of the most frequent class, of several labels the mean over each label's more frequent answer, or for a
    regression the mean of the target; a classifier is at chance within two standard errors of it.
    """
    part = splits.validation[:MOST_SAMPLES]
    found = finite(predict_alone(recipe, models, samples, splits, part))
    return at_chance(target_of(recipe).task, found, samples.target[part])


def at_chance(task: Task, predicted: Mapping[str, Array], target: Array) -> dict[str, str]:
    """The same sentences, from what members predicted for samples of the validation split and the target of these."""
    told = {name: _AT_CHANCE[task](name, prediction, target) for name, prediction in predicted.items()}
    return {name: sentence for name, sentence in told.items() if sentence}


def _number(name: str, prediction: Array, target: Array) -> str:
    if loss_and_metric("regression", prediction, target)[0] < float(np.var(target)):
        return ""
    return (
        f"{name} is further from the target than the target's own mean on {len(target)} validation samples. "
        "Its scaling, or the unit of what it predicts, may differ from the data's."
    )


def _classes(name: str, prediction: Array, target: Array) -> str:
    numbers = target.astype(np.int64)
    if is_above_chance(prediction, numbers):
        return ""
    chance, error = chance_level(numbers)
    metric = loss_and_metric("multiclass", prediction, target)[1]
    said = f"{name} is right on {metric:.0%} of {len(numbers)} validation samples, no better than chance ({chance:.0%})."
    ordered = in_best_order(prediction, numbers)
    other = 0.0 if ordered is None else loss_and_metric("multiclass", ordered, target)[1]
    if other > chance + 4 * error:
        return f"{said} With its classes in another order it would be right on {other:.0%}: {IN_ORDER}"
    return f"{said} {OTHER_DATA}"


def _labels(name: str, prediction: Array, target: Array) -> str:
    named, shares = prediction > 0.5, target.mean(axis=0)
    chance = float(np.maximum(shares, 1 - shares).mean())
    # As if the labels of a sample were right or wrong together, which is the widest that chance can spread.
    error = float(np.sqrt((shares * (1 - shares)).mean() / len(target)))
    agreement = np.array([[(one == other).mean() for other in target.T] for one in named.T])
    metric = float(agreement.diagonal().mean())
    if metric > chance + 2 * error:
        return ""
    said = (
        f"{name} is right on {metric:.0%} of all labels of {len(target)} validation samples, no better than chance "
        f"({chance:.0%})."
    )
    other = float(agreement[linear_sum_assignment(agreement, maximize=True)].mean())
    if other > chance + 4 * error:
        return f"{said} With its labels in another order it would be right on {other:.0%}: {IN_ORDER}"
    return f"{said} {OTHER_DATA}"


_AT_CHANCE: dict[Task, Callable[[str, Array, Array], str]] = {
    "binary": _classes,
    "multiclass": _classes,
    "multilabel": _labels,
    "regression": _number,
}
