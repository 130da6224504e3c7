"""Sums of task vectors: what each member's training added to the base."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import Field

from components.models.weight_space.methods.average import added, mean, one_each, task_vectors
from components.models.weight_space.registry import Arrays, merge

SCALE: Any = Field(ge=-5, le=5, description="How much of the change is added to the base; below 0 it is taken away.")


@merge(
    title="Task arithmetic",
    summary="Adds to the base what the members' training changed; a negative scale makes it forget.",
    formula="θ = θ_0 + λ Σ w_m (θ_m − θ_0)",
    reference="Ilharco et al., 2023",
    options={"scale": SCALE, "weights": Field(description="Factor of each member's change; empty gives each 1/M.")},
    fewest=1,
    failures=("A scale that is too large leaves the region in which the model works.",),
)
def task_arithmetic(members: Sequence[Arrays], base: Arrays, *, scale: float = 1.0, weights: tuple[float, ...] = ()) -> Arrays:
    """The base and the scaled sum of the task vectors."""
    return added(base, mean(task_vectors(members, base), one_each(weights, len(members))), scale)
