"""The values of weights as they are now, read once for all layouts that share them."""

from __future__ import annotations

import math
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
            self._known[id(variable)] = Numbers(value, norm(value), bool(np.all(np.isfinite(value))))
        return self._known[id(variable)]


def norm(values: np.ndarray) -> float:
    """The Euclidean norm of numbers of any shape, summed in float64."""
    flat = values.ravel()
    # A dot product of BLAS runs in threads of its own, which take the processors from TensorFlow's.
    return math.sqrt(np.einsum("i,i->", flat, flat, dtype=np.float64))
