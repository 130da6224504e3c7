"""Which units of a rectified layer never answer."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from components.gradients.flow import Flow

RECTIFIERS = (keras.activations.relu, keras.activations.relu6)
"""Activations that are zero, with the slope zero, for whatever is negative."""


def rectified(operation: Any, flow: Flow) -> Any | None:
    """The operation that rectifies what a layer gives: itself, or one without weights right after it; None where none does."""
    if operation is None:
        return None
    after = [each for each in flow.consumers(operation) if not getattr(each, "weights", ())]
    return next((each for each in (operation, *after) if rectifies(each)), None)


def silent_units(output: tf.Tensor) -> tf.Tensor:
    """Which units (places on the last axis) are zero for every sample and at every position.

    Args:
        output: Of the shape (samples, …, units).

    Returns:
        Truth values of the shape (units,).
    """
    return tf.reduce_all(tf.equal(output, 0), axis=list(range(len(output.shape) - 1)))


def dead_units(silent: list[tf.Tensor]) -> tf.Tensor:
    """The share of an operation's units that are silent in all of its calls, in float64."""
    return tf.reduce_mean(tf.cast(tf.reduce_all(tf.stack(silent), axis=0), tf.float64))


def rectifies(operation: Any) -> bool:
    """Whether an operation gives zero, with the slope zero, for whatever is negative."""
    if isinstance(operation, keras.layers.ReLU):
        return not operation.negative_slope and not operation.threshold
    return getattr(operation, "activation", None) in RECTIFIERS or type(operation).__name__ in ("Relu", "Relu6")
