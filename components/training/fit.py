"""Keras' own `fit` over one phase of a run, watched."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import keras

from components.fusion.averaging import averaged_weights
from components.fusion.keras_calls import make
from components.fusion.schedules import schedule_callbacks
from components.recipe import Refusal, Training
from components.training.pace import set_pace
from components.training.prepare import Prepared
from components.training.watch import Watch


def fit(prepared: Prepared, settings: Training, watch: Watch) -> None:
    """Trains a phase to its end, or until the watch ends it. The first phase is validated before its first step.

    Raises:
        Refusal: when the gradient cannot pass the graph.
    """
    learner = prepared.learner
    first = watch.epochs
    with warnings.catch_warnings():
        # Parts through which no gradient flows are shown on the Gradients page; here they are no reason to stop.
        warnings.filterwarnings("ignore", message="Gradients do not exist")
        if learner.trainable_weights:
            with_gradient(lambda: set_pace(learner, prepared.training))
        if not first:
            watch.start(learner.evaluate(prepared.validation, callbacks=[watch], verbose=0, return_dict=True))
        if learner.trainable_weights and not watch.ended:
            with_gradient(
                lambda: learner.fit(
                    prepared.training,
                    initial_epoch=first,
                    epochs=first + settings.epochs,
                    validation_data=prepared.validation,
                    callbacks=[*_changing(prepared, settings), watch],
                    shuffle=False,
                    verbose=0,
                )
            )


def _changing(prepared: Prepared, settings: Training) -> list[keras.callbacks.Callback]:
    """What changes order, rate or weights between the steps; it comes before what looks at them."""
    next_epoch = keras.callbacks.LambdaCallback(on_epoch_begin=lambda number, logs: prepared.epoch.assign(number))
    averaging = [averaged_weights()] if settings.weight_averaging else []
    return [next_epoch, *(make(call, prepared.steps_per_epoch) for call in schedule_callbacks(settings)), *averaging]


def with_gradient(work: Callable[[], object]) -> None:
    """Does work that takes steps.

    Raises:
        Refusal: when no gradient reaches anything that is trained.
    """
    try:
        work()
    except ValueError as error:
        if "No gradients provided" not in str(error):
            raise
        raise Refusal(
            "No gradient reaches anything that can be trained in this layout. Choose another layout, or un-freeze a member."
        ) from error
