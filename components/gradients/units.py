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
    return next((each for each in (operation, *after) if _rectifies(each)), None)


def dead_units(outputs: list[Any]) -> tf.Tensor:
    """The share of units (places on the last axis) that are zero for every sample and at every position, in float64.

    Args:
        outputs: What the operation gave, one tensor for each of its calls, of the shape (samples, …, units).
    """
    silent = [tf.reduce_all(tf.equal(each, 0), axis=list(range(len(each.shape) - 1))) for each in outputs]
    return tf.reduce_mean(tf.cast(tf.reduce_all(tf.stack(silent), axis=0), tf.float64))


def _rectifies(operation: Any) -> bool:
    if isinstance(operation, keras.layers.ReLU):
        return not operation.negative_slope and not operation.threshold
    return getattr(operation, "activation", None) in RECTIFIERS or type(operation).__name__ in ("Relu", "Relu6")
