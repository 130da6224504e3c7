"""The values of weights as they are now, read once for all layouts that share them."""

from __future__ import annotations

from dataclasses import dataclass

import keras
import numpy as np


@dataclass(frozen=True)
class Numbers:
    """A weight's value, its Euclidean norm in float64, and whether all of it is finite."""

    value: np.ndarray
    norm: float
    finite: bool


class WeightNumbers:
    """Reads weights as they are asked for, each once; nobody may change them meanwhile."""

    def __init__(self) -> None:
        self._known: dict[int, Numbers] = {}

    def __call__(self, variable: keras.Variable) -> Numbers:
        """The numbers of one weight."""
        if id(variable) not in self._known:
            value = variable.numpy()
            norm = float(np.linalg.norm(value.astype(np.float64)))
            self._known[id(variable)] = Numbers(value, norm, bool(np.all(np.isfinite(value))))
        return self._known[id(variable)]
