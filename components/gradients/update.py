"""How far one step of an optimizer would move weights, which stay where they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from components.fusion.keras_calls import make
from components.fusion.member_rates import have_own_rates, rate_of
from components.fusion.optimizer import optimizer_call
from components.gradients.weight_numbers import WeightNumbers, norm
from components.recipe import Training

Pairs = Sequence[tuple[keras.Variable, Any]]
"""Variables, each with its gradient: a tensor or slices of one."""


def first_optimizer(training: Training, variables: Sequence[keras.Variable]) -> keras.Optimizer:
    """The optimizer of these variables with all of its settings, at its learning rate: without schedule and warm-up.

    It takes gradients as they are, not those of a scaled loss.
    """
    constant = training.model_copy(update={"schedule": "constant", "warm_up": 0, "precision": "float32"})
    call = optimizer_call(constant, have_own_rates(variables))
    made: keras.Optimizer = make(call, steps_per_epoch=1)
    return made


def step_norms(training: Training, gradients: Pairs, weights: WeightNumbers) -> dict[int, float]:
    """The Euclidean norm of each variable's change in the first step of a run, in float64, by the variable's identity.

    Args:
        training: The settings of the run.
        gradients: Variables, copies of which are moved.
        weights: Their values.
    """
    groups = _groups(gradients)
    if not groups:
        return {}
    starts = [_joined([weights(variable).value for variable, _ in group]) for group in groups]
    vectors = [keras.Variable(start, dtype=start.dtype.name) for start in starts]
    for vector, group in zip(vectors, groups, strict=True):
        vector.rate = rate_of(group[0][0])
    joined = (_joined([gradient for _, gradient in group]) for group in groups)
    given = [tf.constant(each) if isinstance(each, np.ndarray) else each for each in joined]
    first_optimizer(training, vectors).apply(given, vectors)
    changes: dict[int, float] = {}
    for start, vector, group in zip(starts, vectors, groups, strict=True):
        ends = np.cumsum([variable.value.shape.num_elements() for variable, _ in group])[:-1]
        parts = (np.split(numbers.ravel(), ends) for numbers in (start, vector.numpy()))
        for (variable, _), before, after in zip(group, *parts, strict=True):
            if variable.constraint is not None:
                after = np.ravel(variable.constraint(tf.constant(after.reshape(variable.shape))))
            changes[id(variable)] = norm(np.subtract(after, before, dtype=np.float64))
    return changes


def _groups(gradients: Pairs) -> list[list[tuple[keras.Variable, Any]]]:
    """Variables that can be moved as one long vector, which takes one update in place of hundreds.

    All of these optimizers move each number by itself. Slices of a gradient stay alone: an optimizer squares them one by one.
    """
    groups: dict[Any, list[tuple[keras.Variable, Any]]] = {}
    for variable, gradient in gradients:
        key = id(variable) if isinstance(gradient, tf.IndexedSlices) else (variable.dtype, rate_of(variable))
        groups.setdefault(key, []).append((variable, gradient))
    return list(groups.values())


def _joined(tensors: Sequence[Any]) -> Any:
    # By NumPy, to which hundreds of small arrays cost less than to TensorFlow.
    return tensors[0] if len(tensors) == 1 else np.concatenate([np.ravel(tensor) for tensor in tensors])
