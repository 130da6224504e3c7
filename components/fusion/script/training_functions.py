"""Functions that the exported script shows as they stand: from arrays to a trained model and its scores.

They do what a run does, so that both end in the same weights.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from components.fusion.lazy_keras import keras
from components.fusion.lazy_tensorflow import tf


def gathering(*parts: Any) -> Callable[[Any], Any]:
    """What gives the samples at a vector of places, of arrays and of lists of arrays, which become tuples for `fit`."""
    kept = tuple(tuple(map(tf.constant, part)) if isinstance(part, list) else tf.constant(part) for part in parts)
    return lambda places: tf.nest.map_structure(lambda values: tf.gather(values, places), kept)


def keep_best(loss: float, patience: int) -> Any:
    """A callback that leaves the model with its weights of the smallest validation loss; those that it begins with have `loss`.

    It ends the training after `patience` epochs without a smaller one; never where that is 0.
    """

    class KeepBest(keras.callbacks.Callback):
        def on_train_begin(self, logs: Any = None) -> None:
            self.best_loss, self.epochs_since = loss, 0
            self.keep()

        def keep(self) -> None:
            # With the states of random numbers, which the next phase goes on from.
            self.best = [variable.numpy() for variable in self.model.variables]

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            self.epochs_since += 1
            if logs["val_loss"] < self.best_loss:
                self.best_loss, self.epochs_since = logs["val_loss"], 0
                self.keep()
            if 0 < patience <= self.epochs_since:
                self.model.stop_training = True

        def on_train_end(self, logs: Any = None) -> None:
            for variable, value in zip(self.model.variables, self.best, strict=True):
                variable.assign(value)

    return KeepBest()


def scores_of(
    predictions: Any, goals: Any, losses: Sequence[Any], metrics: Sequence[Any], targets: Sequence[str]
) -> dict[str, dict[str, float]]:
    """Loss and metric of each target, the means over the outputs that learn it.

    Unlike `evaluate`, it counts no weights of losses, and no penalties on the sizes of weights or activations. `losses`,
    `metrics` and `targets` have an entry for each output, as have `predictions` and `goals` where there are several.
    """
    outputs = (predictions, goals) if isinstance(predictions, list) else ([predictions], [goals])
    found: dict[str, dict[str, list[float]]] = {}
    for prediction, goal, loss, metric, target in zip(*outputs, losses, metrics, targets, strict=True):
        for name, function in (("loss", loss), (metric.__name__, metric)):
            value = float(np.mean(keras.ops.convert_to_numpy(function(goal, prediction))))
            found.setdefault(target, {}).setdefault(name, []).append(value)
    return {target: {name: float(np.mean(values)) for name, values in each.items()} for target, each in found.items()}
