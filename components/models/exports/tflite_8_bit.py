"""TensorFlow Lite with weights in 8 bits: dynamic-range quantisation.

Kernels of at least 1024 numbers are kept as whole numbers of 8 bits; what flows between the layers stays a float.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import keras
import tensorflow as tf

from components.models.exports import tflite
from components.models.exports.tflite import predict

__all__ = ["predict", "write"]


def write(model: keras.Model, path: Path) -> Sequence[str]:
    """Writes a `.tflite` file.

    Raises:
        Refusal: when TensorFlow Lite has no counterpart for what the model computes.
    """
    return tflite.write(model, path, optimizations=[tf.lite.Optimize.DEFAULT])
