"""Averaged weights: what a run with an exponential moving average validates and keeps."""

from __future__ import annotations

from typing import Any

from components.fusion.lazy_keras import keras


def averaged_weights() -> Any:
    """A callback that validates the optimizer's moving average of the weights (Polyak & Juditsky, 1992).

    The model holds the average from the validation to the next epoch, so that whatever keeps the best weights keeps these;
    steps are made from the weights themselves.
    """

    class AveragedWeights(keras.callbacks.Callback):
        trained: tuple[Any, ...] = ()

        def on_test_begin(self, logs: Any = None) -> None:
            variables = self.model.trainable_variables
            self.trained = tuple(variable.numpy() for variable in variables)
            self.model.optimizer.finalize_variable_values(variables)

        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            for variable, value in zip(self.model.trainable_variables, self.trained, strict=False):
                variable.assign(value)

    return AveragedWeights()
