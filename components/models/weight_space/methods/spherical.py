"""Ways over the sphere: each array is taken as one vector, and its length is kept where an average would shorten it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from pydantic import Field

from components.models.weight_space.registry import Array, Arrays, merge

NEARLY_PARALLEL = 0.9995
"""Above this cosine the way over the sphere is the straight one, and its formula divides by almost 0."""

STEPS, CLOSE = 100, 1e-12


def _ends(options: Any, members: int) -> Sequence[float]:
    return (1 - options.t, options.t)


@merge(
    title="SLERP",
    summary="Goes from one member to another along the sphere, array by array.",
    formula="θ = sin((1−t)Ω)/sin Ω · θ_1 + sin(tΩ)/sin Ω · θ_2,  Ω = ∠(θ_1, θ_2)",
    reference="Shoemake, 1985",
    options={"t": Field(ge=0, le=1, description="How far to go: 0 is the first member, 1 the second.")},
    most=2,
    shares=_ends,
    failures=("Members that were trained independently fall together as with an average.",),
)
def slerp(members: Sequence[Arrays], *, t: float = 0.5) -> Arrays:
    """The point at `t` of the arc between two arrays; on the straight line where they are nearly parallel, opposite or 0."""
    return [_slerp(first, second, t) for first, second in zip(*members, strict=True)]


def _slerp(first: Array, second: Array, t: float) -> Array:
    lengths = float(np.linalg.norm(first) * np.linalg.norm(second))
    cosine = float(np.vdot(first, second)) / lengths if lengths else 1.0
    if abs(cosine) > NEARLY_PARALLEL:
        return (1 - t) * first + t * second
    angle = np.arccos(cosine)
    return (np.sin((1 - t) * angle) * first + np.sin(t * angle) * second) / np.sin(angle)


@merge(
    title="Karcher mean",
    summary="Takes the mean direction on the sphere, array by array, and the members' mean length.",
    formula="θ/|θ| = argmin_u Σ ∠(u, θ_m)²,  |θ| = Σ |θ_m| / M",
    reference="Karcher, 1977",
    failures=("Arrays that point away from each other have no one mean direction; their average is taken.",),
)
def karcher_mean(members: Sequence[Arrays]) -> Arrays:
    """The spherical mean of each array's directions times the mean of its lengths. Arrays of zeros have no direction."""
    return [_karcher_mean(np.stack(arrays)) for arrays in zip(*members, strict=True)]


def _karcher_mean(arrays: Array) -> Array:
    vectors = arrays.reshape(len(arrays), -1)
    lengths = np.linalg.norm(vectors, axis=1)
    units = vectors[lengths > 0] / lengths[lengths > 0, None]
    mean = units.sum(axis=0)
    if np.linalg.norm(mean) <= CLOSE:
        return arrays.mean(axis=0)
    mean /= np.linalg.norm(mean)
    for _ in range(STEPS):
        step = _tangents(mean, units).mean(axis=0)
        size = float(np.linalg.norm(step))
        if size <= CLOSE:
            break
        mean = np.cos(size) * mean + np.sin(size) * step / size
        mean /= np.linalg.norm(mean)
    return (lengths.mean() * mean).reshape(arrays.shape[1:])


def _tangents(at: Array, units: Array) -> Array:
    """For each unit vector the tangent at a point that leads to it, as long as the arc."""
    cosines = units @ at
    across = units - cosines[:, None] * at
    sines = np.linalg.norm(across, axis=1)
    angles = np.arctan2(sines, cosines)
    return across * np.divide(angles, sines, out=np.zeros_like(angles), where=sines > CLOSE)[:, None]
