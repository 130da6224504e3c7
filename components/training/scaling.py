"""How each member wants its inputs scaled, found by trying; and members that know nothing of these data."""

from __future__ import annotations

from collections.abc import Mapping

import keras
import numpy as np

from components.data.columns import Array
from components.data.samples import Samples
from components.data.split import Splits
from components.recipe import Data, Recipe, Refusal, Scaling, Task
from components.training.alone import Predictions, predict_alone
from components.training.feed import data_of, target_of
from components.training.scores import loss_and_metric

MOST_SAMPLES = 512
CLEAR_GAIN = 0.95
"""A scaling is proposed only where it brings the loss below this share of the loss without one."""


def propose_scalings(recipe: Recipe, models: Mapping[str, keras.Model], samples: Samples, splits: Splits) -> dict[str, Scaling]:
    """For each member the scaling under which it predicts best on up to 512 samples of the validation split.

    A member that was trained on pixels from 0 to 1 thus finds its scale in data from 0 to 16. Without a clear gain, and for a
    member that cannot predict this target alone, nothing is scaled.

    Args:
        recipe: With members and data; the members' own scalings play no part.
        models: The members' models by the members' names.
        samples: The bound dataset.
        splits: Its splits.
    """
    task = target_of(recipe).task
    part = splits.validation[:MOST_SAMPLES]
    losses: dict[str, dict[Scaling, float]] = {member.name: {} for member in recipe.members}
    for scaling in sensible_scalings(data_of(recipe)):
        scaled = recipe.model_copy(
            update={"members": tuple(member.model_copy(update={"scaling": scaling}) for member in recipe.members)}
        )
        for name, prediction in _finite(predict_alone(scaled, models, samples, splits, part)).items():
            losses[name][scaling] = loss_and_metric(task, prediction, samples.target[part])[0]
    return {name: _best(found) for name, found in losses.items()}


def sensible_scalings(data: Data) -> tuple[Scaling, ...]:
    """The scalings worth a trial on these data: those for pixels on images alone, those for colours on images of three."""
    images = [each.shape for each in data.inputs if len(each.shape) == 3]
    pixels: tuple[Scaling, ...] = ("symmetric", "pixels") if images else ()
    colours: tuple[Scaling, ...] = ("torch", "caffe") if any(shape[-1] == 3 for shape in images) else ()
    return ("none", "unit", "standard", *pixels, *colours)


def chance_warnings(recipe: Recipe, models: Mapping[str, keras.Model], samples: Samples, splits: Splits) -> dict[str, str]:
    """A sentence on each member that predicts no better than chance on the validation split, with the likely cause.

    Chance is the share of the most frequent class, or for a regression the mean of the target; a classifier is at chance
    within two standard errors of it.
    """
    task = target_of(recipe).task
    part = splits.validation[:MOST_SAMPLES]
    target = samples.target[part]
    found = _finite(predict_alone(recipe, models, samples, splits, part))
    told = {name: _at_chance(name, task, prediction, target) for name, prediction in found.items()}
    return {name: sentence for name, sentence in told.items() if sentence}


def _finite(found: Predictions) -> dict[str, Array]:
    return {name: each for name, each in found.items() if not isinstance(each, Refusal) and np.isfinite(each).all()}


def _best(losses: dict[Scaling, float]) -> Scaling:
    if not losses:
        return "none"
    best = min(losses, key=lambda scaling: losses[scaling])
    return best if losses[best] < CLEAR_GAIN * losses.get("none", np.inf) else "none"


def _at_chance(name: str, task: Task, prediction: Array, target: Array) -> str:
    loss, metric = loss_and_metric(task, prediction, target)
    if task == "regression":
        if loss < float(np.var(target)):
            return ""
        return (
            f"{name} is further from the target than the target's own mean on {len(target)} validation samples. "
            "Its scaling, or the unit of what it predicts, may differ from the data's."
        )
    numbers = target.astype(np.int64)
    chance = np.bincount(numbers).max() / len(numbers)
    if metric > chance + 2 * np.sqrt(chance * (1 - chance) / len(numbers)):
        return ""
    said = f"{name} is right on {metric:.0%} of {len(numbers)} validation samples, no better than chance ({chance:.0%})."
    other = _accuracy_in_another_order(prediction, numbers)
    if other > chance + 4 * np.sqrt(chance * (1 - chance) / len(numbers)):
        return f"{said} With its classes in another order it would be right on {other:.0%}: check which class is which."
    return f"{said} Its scaling may differ from the data's, or it was trained on other data."


def _accuracy_in_another_order(prediction: Array, numbers: Array) -> float:
    """The accuracy where each unit stands for the class that it finds most often; 0 where two would stand for one class."""
    said = (prediction[:, 0] > 0.5).astype(np.int64) if prediction.shape[1] == 1 else prediction.argmax(axis=1)
    classes = max(2, prediction.shape[1])
    counts = np.zeros((classes, classes))
    np.add.at(counts, (said, numbers), 1)
    order = counts.argmax(axis=1)
    return float(counts.max(axis=1).sum() / len(numbers)) if len(set(order.tolist())) == classes else 0.0
