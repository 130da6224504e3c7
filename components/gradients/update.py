"""How far one step of an optimizer would move weights, which stay where they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from components.fusion.keras_calls import make
from components.fusion.optimizer import optimizer_call
from components.recipe import Training


def first_optimizer(training: Training) -> keras.Optimizer:
    """The optimizer with all of its settings, at its learning rate: without schedule and warm-up."""
    call = optimizer_call(training.model_copy(update={"schedule": "constant", "warm_up": 0}))
    made: keras.Optimizer = make(call, steps_per_epoch=1)
    return made


def step_norms(training: Training, gradients: Sequence[tuple[keras.Variable, Any]]) -> dict[int, float]:
    """The Euclidean norm of each variable's change in the first step of a run, in float64, by the variable's identity.

    Args:
        training: The settings of the run.
        gradients: Variables, copies of which are moved, each with its gradient: a tensor or slices of one.
    """
    if not gradients:
        return {}
    copies = []
    for variable, _ in gradients:
        copies.append(keras.Variable(variable.numpy(), dtype=variable.dtype, name=variable.name))
        copies[-1].constraint = variable.constraint
    first_optimizer(training).apply([gradient for _, gradient in gradients], copies)
    return {
        id(variable): float(np.linalg.norm(np.asarray(copy.numpy(), np.float64) - np.asarray(variable.numpy(), np.float64)))
        for copy, (variable, _) in zip(copies, gradients, strict=True)
    }
