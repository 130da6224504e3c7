"""How each member wants its inputs scaled, found by trying."""

from __future__ import annotations

from collections.abc import Mapping

import keras
import numpy as np

from components.data.columns import Array
from components.data.samples import Samples
from components.data.split import Splits
from components.recipe import Data, Recipe, Refusal, Scaling, Target, Task
from components.training.alone import Predictions, predict_alone
from components.training.analysis.decisions import single_choices
from components.training.analysis.reliability import divided, temperature
from components.training.class_order import in_best_order, is_above_chance
from components.training.feed import data_of, target_of
from components.training.measures import mean_interval
from components.training.scores import class_shares, sample_scores

MOST_SAMPLES = 512


def propose_scalings(recipe: Recipe, models: Mapping[str, keras.Model], samples: Samples, splits: Splits) -> dict[str, Scaling]:
    """For each member the scaling under which it predicts best on up to 512 samples of the validation split.

    A member that was trained on pixels from 0 to 1 thus finds its scale in data from 0 to 16. Where nothing but chance tells
    scalings apart the most usual of them is taken, and for a member that cannot predict this target alone nothing is scaled.

    Args:
        recipe: With members and data; the members' own scalings play no part.
        models: The members' models by the members' names.
        samples: The bound dataset.
        splits: Its splits.
    """
    target, part = target_of(recipe), splits.validation[:MOST_SAMPLES]
    predicted: dict[str, dict[Scaling, Array]] = {member.name: {} for member in recipe.members}
    for scaling in sensible_scalings(data_of(recipe)):
        scaled = recipe.model_copy(
            update={"members": tuple(member.model_copy(update={"scaling": scaling}) for member in recipe.members)}
        )
        for name, prediction in finite(predict_alone(scaled, models, samples, splits, part)).items():
            predicted[name][scaling] = prediction
    return {name: best_scaling(target, found, samples.target[part]) for name, found in predicted.items()}


def sensible_scalings(data: Data) -> tuple[Scaling, ...]:
    """The scalings worth a trial on these data, the most usual first.

    Those for pixels are tried on images alone, those for colours on images of three. The columns of a table are seldom brought
    into one range together.
    """
    images = [each.shape for each in data.inputs if len(each.shape) == 3]
    if not images:
        return ("none", "standard", "unit")
    colours: tuple[Scaling, ...] = ("torch", "caffe") if any(shape[-1] == 3 for shape in images) else ()
    return ("none", "unit", "symmetric", "pixels", *colours, "standard")


def finite(found: Predictions) -> dict[str, Array]:
    """The predictions of the members that can predict, and give nothing but numbers."""
    return {name: each for name, each in found.items() if not isinstance(each, Refusal) and np.isfinite(each).all()}


def best_scaling(target: Target, predicted: Mapping[Scaling, Array], truth: Array) -> Scaling:
    """The first of the scalings to which none is better by more than chance; "none" where none was tried.

    How sure a classifier is says little of its scaling: larger inputs make it surer, which lowers the loss of one that was
    trained briefly, on whatever scale. So what counts first is the loss at the temperature that is best for each scaling (Guo
    et al., 2017), which is that of what the member tells apart. Among those that are left, too sure counts, and too unsure
    does not.

    Args:
        target: Of the data.
        predicted: A member's predictions under each scaling, the most usual scaling first.
        truth: The samples' targets, as in `Samples`.
    """
    if not predicted:
        return "none"
    if target.task in ("binary", "multiclass"):
        predicted = _in_order(predicted, truth.astype(np.int64))
    if target.task == "regression":
        return _not_worse(target.task, predicted, truth)[0]
    best = {scaling: temperature(*single_choices(target, each, truth)) for scaling, each in predicted.items()}
    left = list(predicted)
    for hottest in (np.inf, 1.0):
        tempered = {scaling: _tempered(target, predicted[scaling], min(best[scaling], hottest)) for scaling in left}
        left = _not_worse(target.task, tempered, truth)
    return left[0]


def _in_order(predicted: Mapping[Scaling, Array], numbers: Array) -> Mapping[Scaling, Array]:
    """The predictions with their classes in the best order, where under no scaling they are better than chance as they are.

    A member whose classes stand in another order is wrong most surely on the scale that it was trained on.
    """
    if any(is_above_chance(each, numbers) for each in predicted.values()):
        return predicted
    ordered = {scaling: in_best_order(each, numbers) for scaling, each in predicted.items()}
    return {scaling: predicted[scaling] if each is None else each for scaling, each in ordered.items()}


def _not_worse(task: Task, predicted: Mapping[Scaling, Array], truth: Array) -> list[Scaling]:
    """All scalings but those whose loss is above the least by more than chance, over the same samples."""
    losses = {scaling: sample_scores(task, prediction, truth)[0] for scaling, prediction in predicted.items()}
    least = min(losses.values(), key=np.mean)
    intervals = {scaling: mean_interval(each - least) for scaling, each in losses.items()}
    return [scaling for scaling, interval in intervals.items() if interval is None or interval[0] <= 0]


def _tempered(target: Target, prediction: Array, by: float) -> Array:
    """Predictions of classes or labels whose logits were divided by a temperature, in the same form."""
    if target.task == "multilabel":
        return divided(class_shares(prediction.reshape(-1, 1)), by)[:, 1].reshape(prediction.shape)
    return divided(class_shares(prediction), by)
