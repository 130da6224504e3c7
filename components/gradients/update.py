"""How far one step of an optimizer would move weights, which stay where they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from components.recipe import Training


def step_norms(training: Training, variables: Sequence[keras.Variable], gradients: Sequence[Any]) -> list[float]:
    """The Euclidean norm of each variable's change in the first step of a run, in float64.

    Args:
        training: Names the optimizer and its learning rate.
        variables: The variables; copies of them are moved.
        gradients: The gradient of each, a tensor or slices of one.
    """
    if not variables:
        return []
    given: Any = {"class_name": training.optimizer, "config": {"learning_rate": training.learning_rate}}
    copies = [keras.Variable(variable.numpy(), dtype=variable.dtype, name=variable.name) for variable in variables]
    for copy, variable in zip(copies, variables, strict=True):
        copy.constraint = variable.constraint
    keras.optimizers.get(given).apply(list(gradients), copies)
    return [
        float(np.linalg.norm(np.asarray(copy.numpy(), np.float64) - np.asarray(variable.numpy(), np.float64)))
        for copy, variable in zip(copies, variables, strict=True)
    ]
