"""How far the weights of two built models are apart, layer by layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from components.models import inspection
from components.models.comparison import Distance, align
from components.models.flow import flow


def weight_distances(first: keras.Model, second: keras.Model) -> tuple[Distance, ...]:
    """For each pair of `align` over the layers of both models, in its order, how far its weights are apart."""
    one, two = ({step.name: step.operation for step in flow(model)} for model in (first, second))
    return tuple(
        _between(_weights(one[pair.first.name]), _weights(two[pair.second.name])) if pair.first and pair.second else Distance()
        for pair in align(inspection.layers(first), inspection.layers(second))
    )


def _weights(operation: Any) -> list[np.ndarray]:
    return [np.asarray(weight, "float64") for weight in getattr(operation, "weights", ()) if weight.dtype != "string"]


def _between(first: Sequence[np.ndarray], second: Sequence[np.ndarray]) -> Distance:
    if not first or [array.shape for array in first] != [array.shape for array in second]:
        return Distance()
    a, b = (np.concatenate([array.ravel() for array in arrays]) for arrays in (first, second))
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        return Distance()
    if np.array_equal(a, b):
        return Distance(cosine=1.0, distance=0.0)
    length, other = float(np.linalg.norm(a)), float(np.linalg.norm(b))
    return Distance(
        cosine=float(a @ b / (length * other)) if length and other else None,
        distance=float(np.linalg.norm(a - b) / length) if length else None,
    )
