"""Sums of squared gradients as tensors, in float64, so that the square of a small gradient does not become zero."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

FEW = 1 << 14
"""Numbers that NumPy squares and sums in less time than TensorFlow takes to be called."""

LEAST = 2.0**-100
"""Mean square above which the squares that are too small for float32, below 2**-126, count for nothing."""


def square(gradient: Any) -> Any:
    """The sum of a gradient's squares, a number or a tensor of one; NaN where there is none."""
    if gradient is None:
        return math.nan
    values = summed(gradient)
    if values.dtype == tf.float32 and tf.executing_eagerly():
        numbers = values.shape.num_elements()
        if numbers <= FEW:
            return float(np.square(np.asarray(values), dtype=np.float64).sum())
        # One look at each number in place of three. TensorFlow adds in pairs, so that millions of them lose nothing.
        quick = 2.0 * float(tf.nn.l2_loss(values))
        if LEAST * numbers < quick < math.inf:
            return quick
    return tf.reduce_sum(tf.square(tf.cast(values, tf.float64)))


def summed(gradient: Any) -> tf.Tensor:
    """A gradient as a tensor; of slices, those of one row are summed and the rows without any left out."""
    if not isinstance(gradient, tf.IndexedSlices):
        return gradient
    rows, places = tf.unique(gradient.indices)
    return tf.math.unsorted_segment_sum(gradient.values, places, tf.size(rows))


def stacked(values: Iterable[Any]) -> tf.Tensor:
    """Numbers, or tensors of one each, as one vector in float64, also where there are none."""
    return tf.convert_to_tensor(list(values), tf.float64)


class Squares:
    """Sums of squares that are computed once for each gradient: what an operation gives to one taker alone has one gradient."""

    def __init__(self) -> None:
        # The gradients are kept, so that no other takes the identity of one that is gone.
        self._known: dict[int, tuple[Any, Any]] = {}

    def each(self, gradients: Sequence[Any]) -> tf.Tensor:
        """The squares of several gradients, as a vector; NaN for those that do not exist."""
        return stacked(map(self._of, gradients))

    def of_all(self, gradients: Sequence[Any]) -> Any:
        """The sum of the squares of those gradients that exist; NaN where none does."""
        found = [self._of(gradient) for gradient in gradients if gradient is not None]
        return sum(found) if found else math.nan

    def _of(self, gradient: Any) -> Any:
        if id(gradient) not in self._known:
            self._known[id(gradient)] = gradient, square(gradient)
        return self._known[id(gradient)][1]
