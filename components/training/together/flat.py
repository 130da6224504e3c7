"""One update for many weights: an optimizer that works number by number takes all weights as one long vector."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import keras
import tensorflow as tf

FEWEST = 8
"""Weights from which on the detour is shorter: an update is some thirty operations for each weight."""


def update_at_once(optimizer: Any, variables: Sequence[Any]) -> None:
    """Lets an optimizer that is not built yet update all variables as one; each number changes as it would by itself.

    That is so for every optimizer of Keras whose update of a number looks at nothing but that number, its gradient and its
    state. Variables that no gradient reaches stay as they are. Few variables, or such as are not float32, are left to it, and
    so is a moving average of the weights, which Keras keeps for each.
    """
    if len(variables) < FEWEST or optimizer.use_ema or any(each.dtype != "float32" for each in variables):
        return
    shapes = [tuple(each.shape) for each in variables]
    sizes = [math.prod(shape) for shape in shapes]
    flat = keras.Variable(tf.zeros([sum(sizes)]), name="all_weights")
    optimizer.build([flat])
    plain = optimizer.apply_gradients

    def apply_gradients(pairs: Iterable[tuple[Any, Any]]) -> Any:
        given = {id(variable): gradient for gradient, variable in pairs}
        gradients = [given[id(variable)] for variable in variables]
        flat.assign(tf.concat([tf.reshape(variable.value, [-1]) for variable in variables], 0))
        parts = [
            tf.zeros([size]) if gradient is None else tf.reshape(tf.convert_to_tensor(gradient), [-1])
            for gradient, size in zip(gradients, sizes, strict=True)
        ]
        done = plain([(tf.concat(parts, 0), flat)])
        for variable, gradient, shape, values in zip(variables, gradients, shapes, tf.split(flat.value, sizes), strict=True):
            if gradient is not None:
                variable.assign(tf.reshape(values, shape))
        return done

    optimizer.apply_gradients = apply_gradients
