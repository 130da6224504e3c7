"""How many optimizer steps one call of TensorFlow makes: many are faster, few let the screen move and a stop be heard."""

from __future__ import annotations

import time

import keras
import tensorflow as tf

MANY_STEPS = 32
LONGEST_CALL = 0.25
"""Seconds after which a running call must have come back."""
SMALL_MODEL = 1_000_000
"""Parameters up to which a step may be so short that calling it costs as much as the step itself."""
TIMED_STEPS = 3


def set_pace(model: keras.Model, batches: tf.data.Dataset) -> None:
    """Chooses a compiled model's `steps_per_execution`: 32 where so many steps take less than a quarter of a second, else 1.

    The time is measured on the model's own train function, which is kept where the choice stands. All variables are put
    back afterwards, so the run begins as if nothing had happened.

    Args:
        model: Compiled, and not yet trained.
        batches: Of one epoch.
    """
    many = min(MANY_STEPS, len(batches))
    if many == 1 or model.count_params() > SMALL_MODEL:
        return
    make_steps(model, many)
    model.make_train_function()
    model.optimizer.build(model.trainable_variables)
    variables = [*model.variables, *model.optimizer.variables]
    before = [variable.numpy() for variable in variables]
    model.train_function(iter(batches.take(1)))
    # A call ends with its data, so this makes three steps of the many.
    timed = iter(batches.take(TIMED_STEPS))
    started = time.perf_counter()
    model.train_function(timed)
    seconds = (time.perf_counter() - started) / TIMED_STEPS
    for variable, value in zip(variables, before, strict=True):
        variable.assign(value)
    if seconds * many > LONGEST_CALL:
        make_steps(model, 1)


def make_steps(model: keras.Model, count: int) -> None:
    """Has one call of TensorFlow make so many steps, in training and in judging."""
    if count != model.steps_per_execution:
        model.steps_per_execution = count
        # Keras keeps functions that it has made for another number of steps, and would pass over batches with them.
        model.train_function = model.test_function = model.predict_function = None
