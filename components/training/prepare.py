"""What one phase of a run trains: a compiled model, and the batches that it is fed."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import keras
import tensorflow as tf
from sklearn.utils.class_weight import compute_sample_weight

from components.data.columns import Array
from components.data.on_disk import taken
from components.data.samples import Samples
from components.data.split import Splits
from components.fusion.keras_calls import make
from components.fusion.member_rates import have_own_rates
from components.fusion.optimizer import optimizer_call
from components.recipe import Recipe, Training
from components.training.batches import evaluation_batches, training_batches
from components.training.feed import feed, target_of
from components.training.frozen import halves
from components.training.losses import Objective
from components.training.phases import Phase


@dataclass(frozen=True)
class Prepared:
    """All that a phase needs.

    `learner` shares its layers with the fused model, so what it learns, that one has learned; it is compiled. `training` are
    the batches of one epoch, in an order that follows from the number in `epoch`; `validation` are those of that split.
    """

    learner: keras.Model
    training: tf.data.Dataset
    epoch: tf.Variable
    validation: tf.data.Dataset

    @property
    def steps_per_epoch(self) -> int:
        """How many optimizer steps an epoch has."""
        return len(self.training)


def prepare(
    recipe: Recipe,
    phase: Phase,
    model: keras.Model,
    goals: Sequence[Objective],
    samples: Samples,
    splits: Splits,
    stop: Callable[[], bool],
) -> Prepared | None:
    """Prepares a phase. What is frozen before anything that is trained is computed once, here, not in every step.

    Args:
        recipe: With a graph and data.
        phase: Its settings are those that count.
        model: The fused model as it was built.
        goals: An objective for each of the model's outputs.
        samples: The bound dataset.
        splits: Its splits.
        stop: Is asked while the frozen part is computed whether to give up.

    Returns:
        None where someone stopped.

    Raises:
        Refusal: when the settings do not go together.
    """
    settings, model = phase.settings, phase.as_trained(model)
    parts = (splits.training, splits.validation)
    inputs = [[taken(values, part) for values in feed(recipe, samples)] for part in parts]
    # A saved model has its optimizer with it: where that is nothing that plain Keras could open, another model is compiled.
    plain = optimizer_call(settings, have_own_rates(model.trainable_variables)).is_plain
    learner = model if plain else keras.Model(model.inputs, model.outputs)
    cut = halves(model, sum(map(len, parts)))
    if cut is not None:
        features = [cut.arrays(each, stop) for each in inputs]
        kept = [each for each in features if each is not None]
        if len(kept) < len(features):
            return None
        learner, inputs = cut.second, kept
    compile_learner(learner, settings, goals, math.ceil(len(splits.training) / settings.batch_size))

    targets = [[goal.labels(samples, part) for goal in goals] for part in parts]
    weights = sample_weights(recipe, settings, samples.target[splits.training])
    training, epoch = training_batches(inputs[0], targets[0], settings.batch_size, recipe.seed, weights)
    return Prepared(learner, training, epoch, evaluation_batches(inputs[1], targets[1], settings.batch_size))


def compile_learner(learner: keras.Model, settings: Training, goals: Sequence[Objective], steps_per_epoch: int) -> None:
    """Gives a model the optimizer of the settings, and a loss and a metric for each output."""
    learner.compile(
        optimizer=make(optimizer_call(settings, have_own_rates(learner.trainable_variables)), steps_per_epoch),
        loss=[goal.loss for goal in goals],
        loss_weights=[goal.weight for goal in goals],
        metrics=[[goal.metric] for goal in goals],
        # On a CPU, XLA takes seconds to compile and makes slower steps.
        jit_compile=False,
    )


def sample_weights(recipe: Recipe, settings: Training, target: Array) -> Array | None:
    """How much each sample counts in the training loss: where classes are balanced, n / (classes · samples of its class)."""
    if not settings.balance_classes or target_of(recipe).task not in ("binary", "multiclass"):
        return None
    weights: Array = compute_sample_weight("balanced", target)
    return weights
