"""Several layouts over the same members, measured on one and the same probe batch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import keras
import numpy as np

from components.gradients.measure import measure
from components.gradients.probe import Loss, Target
from components.gradients.report import GradientReport
from components.gradients.verdicts import DEFAULT, Thresholds
from components.recipe import Recipe


def compare(
    layouts: Iterable[tuple[Recipe, keras.Model]],
    inputs: dict[str, np.ndarray],
    target: Target,
    loss: Callable[[keras.Model], Loss | Sequence[Loss]],
    thresholds: Thresholds = DEFAULT,
) -> list[GradientReport]:
    """Measures each layout, in order. Models are taken one at a time, so that an iterator may build them as they are needed.

    Args:
        layouts: Recipes with the models built from them, with the same members and the same seed.
        inputs: The probe batch, by the names of the data's inputs.
        target: The batch's target.
        loss: Gives a model's loss (a head may end in probabilities or in logits).
        thresholds: Where vanishing and exploding begin.
    """
    return [measure(recipe, model, inputs, target, loss(model), thresholds) for recipe, model in layouts]
