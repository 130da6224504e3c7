"""Sums of squared gradients as tensors, in float64, so that the square of a small gradient does not become zero."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import tensorflow as tf


def square(gradient: Any) -> tf.Tensor:
    """The sum of a gradient's squares; NaN where there is none."""
    if gradient is None:
        return tf.constant(math.nan, tf.float64)
    if isinstance(gradient, tf.IndexedSlices):
        rows, places = tf.unique(gradient.indices)
        gradient = tf.math.unsorted_segment_sum(gradient.values, places, tf.size(rows))
    return tf.reduce_sum(tf.square(tf.cast(gradient, tf.float64)))


def total_square(gradients: Sequence[Any]) -> tf.Tensor:
    """The sum of the squares of those gradients that exist; NaN where none does."""
    found = [square(gradient) for gradient in gradients if gradient is not None]
    return tf.add_n(found) if found else square(None)


def stacked(values: Iterable[tf.Tensor]) -> tf.Tensor:
    """Numbers as one vector in float64, also where there are none."""
    found = list(values)
    return tf.stack(found) if found else tf.zeros([0], tf.float64)
