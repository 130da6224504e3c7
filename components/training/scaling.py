"""How each member wants its inputs scaled, found by trying."""

from __future__ import annotations

from collections.abc import Mapping

import keras
import numpy as np

from components.data.columns import Array
from components.data.samples import Samples
from components.data.split import Splits
from components.recipe import Data, Recipe, Refusal, Scaling
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
        for name, prediction in finite(predict_alone(scaled, models, samples, splits, part)).items():
            losses[name][scaling] = loss_and_metric(task, prediction, samples.target[part])[0]
    return {name: _best(found) for name, found in losses.items()}


def sensible_scalings(data: Data) -> tuple[Scaling, ...]:
    """The scalings worth a trial on these data: those for pixels on images alone, those for colours on images of three."""
    images = [each.shape for each in data.inputs if len(each.shape) == 3]
    pixels: tuple[Scaling, ...] = ("symmetric", "pixels") if images else ()
    colours: tuple[Scaling, ...] = ("torch", "caffe") if any(shape[-1] == 3 for shape in images) else ()
    return ("none", "unit", "standard", *pixels, *colours)


def finite(found: Predictions) -> dict[str, Array]:
    """The predictions of the members that can predict, and give nothing but numbers."""
    return {name: each for name, each in found.items() if not isinstance(each, Refusal) and np.isfinite(each).all()}


def _best(losses: dict[Scaling, float]) -> Scaling:
    if not losses:
        return "none"
    best = min(losses, key=lambda scaling: losses[scaling])
    return best if losses[best] < CLEAR_GAIN * losses.get("none", np.inf) else "none"
