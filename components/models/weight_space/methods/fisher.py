"""An average in which each member's weight counts as much as its predictions depend on it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from pydantic import Field

from components.models.weight_space.registry import Arrays, merge


@merge(
    title="Fisher merging",
    summary="Averages every weight by its Fisher information: a member has its say where its predictions depend on it.",
    formula="θ = Σ F_m θ_m / Σ F_m",
    reference="Matena & Raffel, 2022",
    options={"floor": Field(gt=0, le=1, description="Least Fisher information of a weight.")},
    failures=(
        "Of members that are very sure of themselves almost all Fisher information is below the floor.",
        "Members that were trained independently fall together as with an average.",
    ),
)
def fisher(members: Sequence[Arrays], fishers: Sequence[Arrays], *, floor: float = 1e-6) -> Arrays:
    """The average of each entry, weighted by its diagonal Fisher information, of which each member has one array a weight."""
    merged = []
    for arrays, information in zip(zip(*members, strict=True), zip(*fishers, strict=True), strict=True):
        say = np.maximum(np.stack(information), floor)
        merged.append((say * np.stack(arrays)).sum(axis=0) / say.sum(axis=0))
    return merged
