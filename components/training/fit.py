"""Keras' own `fit` over one phase of a run, watched."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from components.fusion.averaging import averaged_weights
from components.fusion.keras_calls import make
from components.fusion.schedules import schedule_callbacks
from components.recipe import Refusal, Training
from components.training.keeper import Keeper
from components.training.keeping import Keeping
from components.training.pace import set_pace
from components.training.prepare import Prepared
from components.training.watch import Watch
from components.training.weights import assign

Observer = Callable[[keras.Model, Watch], keras.callbacks.Callback]
"""Is given a compiled model before its first step, with what counts its steps; its callback is called as those of `fit` are."""


def fit(
    prepared: Prepared, settings: Training, watch: Watch, keeper: Keeper, phase: int, observer: Observer | None = None
) -> None:
    """Trains a phase to its end, or until the watch ends it. A run is validated before its first step.

    A phase in which a checkpoint was found goes on from there: after the steps of its epoch that were made, with the same
    batches in the same order.

    Raises:
        Refusal: when the gradient cannot pass the graph.
    """
    learner = prepared.learner
    changing = _changing(prepared, settings)
    keeping = Keeping(keeper, phase, learner, watch, changing)
    observers = [] if observer is None or not learner.trainable_weights else [observer(learner, watch)]
    callbacks = [*changing, watch, *observers, keeping]

    def epochs(batches: tf.data.Dataset, last: int) -> None:
        learner.fit(
            batches,
            initial_epoch=watch.epochs,
            epochs=last,
            validation_data=prepared.validation,
            callbacks=callbacks,
            shuffle=False,
            verbose=0,
        )

    def train() -> None:
        if not keeping.take_up():
            set_pace(learner, prepared.training)
        if not watch.told:
            watch.start(learner.evaluate(prepared.validation, callbacks=[watch], verbose=0, return_dict=True))
        if watch.done == prepared.steps_per_epoch:
            keeping.on_train_begin()
            _validate(prepared, callbacks, watch.epochs)
            keeping.on_train_end()
        elif watch.done and not watch.ended:
            epochs(prepared.training.skip(watch.done), watch.epochs + 1)
        if not watch.ended and not watch.phase_over:
            epochs(prepared.training, watch.last_epoch)
        if watch.stopped and watch.steps and not watch.done:
            for callback in changing:
                # As if the next epoch began: the steps go on from the weights, not from what was validated.
                callback.on_epoch_begin(watch.epochs)
            keeping.write()
        if watch.broken is not None:
            _reconsider(prepared, watch, keeper)

    with warnings.catch_warnings():
        # Parts through which no gradient flows are shown on the Gradients page; here they are no reason to stop.
        warnings.filterwarnings("ignore", message="Gradients do not exist")
        if learner.trainable_weights:
            with_gradient(train)
        elif not watch.told:
            watch.start(learner.evaluate(prepared.validation, callbacks=[watch], verbose=0, return_dict=True))


def _validate(prepared: Prepared, callbacks: list[Any], epoch: int) -> None:
    """Ends an epoch whose steps were all made."""
    logs = prepared.learner.evaluate(prepared.validation, callbacks=callbacks, verbose=0, return_dict=True)
    for callback in callbacks:
        callback.on_epoch_end(epoch, {f"val_{name}": value for name, value in logs.items()})


def _reconsider(prepared: Prepared, watch: Watch, keeper: Keeper) -> None:
    """Within a long epoch, the last checkpoint before the loss broke may be better than the end of any epoch."""
    last = keeper.last()
    if last is not None:
        assign(watch.weights.variables, last.arrays["weights"])
        logs = prepared.learner.evaluate(prepared.validation, verbose=0, return_dict=True)
        watch.reconsider(last.state["watch"]["steps"], logs)


def _changing(prepared: Prepared, settings: Training) -> list[Any]:
    """What changes order, rate or weights between the steps; it comes before what looks at them."""
    next_epoch = keras.callbacks.LambdaCallback(on_epoch_begin=lambda number, logs=None: prepared.epoch.assign(number))
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
