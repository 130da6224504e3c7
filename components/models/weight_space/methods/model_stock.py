"""A point between the base and the members' mean, chosen by how far the members' changes agree."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from components.models.weight_space.methods.average import mean, task_vectors
from components.models.weight_space.registry import Array, Arrays, merge


def share_of_mean(cosine: float, members: int) -> float:
    """How far to go from the base to the mean of N members at this angle: N cos θ / (1 + (N − 1) cos θ), between 0 and 1."""
    below = 1 + (members - 1) * cosine
    return float(np.clip(members * cosine / below, 0, 1)) if below > 0 else 0.0


@merge(
    title="Model Stock",
    summary="Goes from the base towards the members' mean, for each array as far as their changes point the same way.",
    formula="θ = t θ̄ + (1 − t) θ_0,  t = N cos θ / (1 + (N − 1) cos θ)",
    reference="Jang et al., 2024",
    failures=("Where the members' changes are at right angles, all that is left is the base.",),
)
def model_stock(members: Sequence[Arrays], base: Arrays) -> Arrays:
    """The base and the mean, interpolated array by array; θ is the mean angle between two members' task vectors."""
    middle = mean(members, [1 / len(members)] * len(members))
    shares = [share_of_mean(_cosine(changes), len(members)) for changes in zip(*task_vectors(members, base), strict=True)]
    return [share * m + (1 - share) * start for share, m, start in zip(shares, middle, base, strict=True)]


def _cosine(changes: Sequence[Array]) -> float:
    """The mean cosine of two of the changes; one of length 0 is at right angles to all others."""
    found = []
    for first, second in combinations(changes, 2):
        lengths = float(np.linalg.norm(first) * np.linalg.norm(second))
        found.append(float(np.vdot(first, second)) / lengths if lengths else 0.0)
    return float(np.mean(found))
