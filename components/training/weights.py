"""The variables that a run may change, and what they were at its best."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np


class Weights:
    """Grows with every phase by what this phase may change; what stays frozen throughout is not in it.

    `best` are the variables' values when they were last kept; empty before the first time.
    """

    def __init__(self) -> None:
        self.variables: list[Any] = []
        self.best: list[np.ndarray] = []

    def include(self, model: keras.Model) -> None:
        """Takes in what training can change in a model as it is frozen now."""
        known = {id(variable) for variable in self.variables}
        fresh = [variable for variable in _changing(model) if id(variable) not in known]
        self.variables += fresh
        if self.best:
            # Nothing has changed these so far.
            self.best += [variable.numpy() for variable in fresh]

    def keep(self) -> None:
        """What the variables are now is the best."""
        self.best = [variable.numpy() for variable in self.variables]

    def take_up(self, arrays: Mapping[str, list[np.ndarray]]) -> None:
        """Gives the variables what a checkpoint holds of them, now and at their best."""
        assign(self.variables, arrays["weights"])
        self.best = arrays.get("best", [])

    def restore(self) -> None:
        """Gives the variables their best values, if there are any yet."""
        assign(self.variables[: len(self.best)], self.best)

    def are_finite(self) -> bool:
        """Whether all numbers in them are finite."""
        return all(bool(np.isfinite(keras.ops.convert_to_numpy(variable)).all()) for variable in self.variables)


def assign(variables: list[Any], values: list[np.ndarray]) -> None:
    """Gives each variable its value.

    Raises:
        ValueError: when they do not belong together.
    """
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


def _changing(model: keras.Model) -> list[Any]:
    """All variables but frozen weights: statistics and the states of random numbers may move in frozen layers too."""
    frozen = {
        id(variable)
        for layer in model._flatten_layers()
        for variable in layer._trainable_variables
        if not (layer.trainable and variable.trainable)
    }
    return [variable for variable in model.variables if id(variable) not in frozen]
