"""The first steps of a run, made on a model that is only looked at."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from components.data.on_disk import Values
from components.gradients.update import first_optimizer
from components.recipe import Recipe
from components.training.batches import training_batches


def first_steps(
    recipe: Recipe,
    model: keras.Model,
    inputs: Sequence[Values],
    targets: Sequence[np.ndarray],
    losses: Sequence[Any],
    steps: int,
) -> None:
    """Trains a model in place for a number of steps, with the recipe's optimizer, learning rate, batch size and seed.

    Args:
        recipe: With the settings of the run.
        model: A fused model; one that cannot be trained is left as it is.
        inputs: The training split: an array for each input of the model, in its order, in memory or on disk.
        targets: An array for each of its outputs.
        losses: A loss for each of its outputs.
        steps: At least 1; epochs follow one another where one has fewer batches.
    """
    if not model.trainable_weights:
        return
    settings = recipe.training
    model.compile(optimizer=first_optimizer(settings, model.trainable_variables), loss=list(losses), jit_compile=False)
    batches, epoch = training_batches(inputs, targets, settings.batch_size, recipe.seed)
    with warnings.catch_warnings():
        # Parts through which no gradient flows are what is looked for here.
        warnings.filterwarnings("ignore", message="Gradients do not exist")
        for number in range(-(-steps // len(batches))):
            epoch.assign(number)
            left = steps - number * len(batches)
            for batch in batches.take(min(left, len(batches))):
                model.train_on_batch(*batch)
