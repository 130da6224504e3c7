"""BatchNormalization by the statistics of the batch, as one operation forward and one back.

Keras writes it out as a dozen operations, each of which reads and writes all that flows through the layer; in a
convolutional network they take most of a backward pass.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import tensorflow as tf

SMALLEST_EPSILON = 1.001e-5
"""The fused operation of some devices does not go below it."""


def is_fused(operation: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> bool:
    """Whether a call is of a plain BatchNormalization that learns, over images in float32 with the channels last.

    Args:
        operation: Any operation.
        args: What it is called with.
        kwargs: What it is called with by name.
    """
    if type(operation) is not keras.layers.BatchNormalization or len(args) != 1 or kwargs.get("mask") is not None:
        return False
    (inputs,) = args
    return (
        bool(kwargs.get("training"))
        and operation.trainable
        and not (operation.renorm or operation.synchronized or operation.activity_regularizer)
        and operation.epsilon >= SMALLEST_EPSILON
        and operation.compute_dtype == inputs.dtype.name == "float32"
        and len(inputs.shape) == 4
        and operation.axis in (-1, 3)
        and getattr(inputs, "_keras_mask", None) is None
    )


def fused(layer: keras.layers.BatchNormalization, inputs: tf.Tensor) -> tf.Tensor:
    """What the layer gives in training, for a call that `is_fused`; its moving statistics stay as they are.

    Args:
        layer: The layer.
        inputs: Of the shape (samples, height, width, channels).
    """
    channels, unused = inputs.shape[-1], tf.constant([], tf.float32)
    normalized = tf.raw_ops.FusedBatchNormV3(
        x=inputs,
        scale=tf.convert_to_tensor(layer.gamma) if layer.scale else tf.ones([channels]),
        offset=tf.convert_to_tensor(layer.beta) if layer.center else tf.zeros([channels]),
        mean=unused,
        variance=unused,
        epsilon=layer.epsilon,
    )
    return normalized.y
