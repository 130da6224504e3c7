"""Task vectors of which a part is dropped: at random, or by size."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from pydantic import Field

from components.models.weight_space.methods.average import added, mean, task_vectors
from components.models.weight_space.methods.task_arithmetic import SCALE
from components.models.weight_space.methods.ties import DENSITY, kept
from components.models.weight_space.registry import Arrays, merge


@merge(
    title="DARE",
    summary="Drops changes at random, scales the rest up to make good for them, and adds the members' mean to the base.",
    formula="θ = θ_0 + λ mean of (mask ⊙ τ_m)/(1 − p)",
    reference="Yu et al., 2024",
    options={
        "drop": Field(ge=0, le=0.99, description="Probability with which each change is dropped."),
        "scale": SCALE,
        "seed": Field(ge=0, description="Seed of what is dropped."),
    },
    fewest=1,
    failures=("Where the members are far from the base, dropping much of the change makes the result noise.",),
)
def dare(members: Sequence[Arrays], base: Arrays, *, drop: float = 0.5, scale: float = 1.0, seed: int = 0) -> Arrays:
    """The base and the mean of the thinned task vectors, whose expectation is that of the whole ones."""
    draw = np.random.default_rng(seed)
    thinned = [
        [np.where(draw.random(change.shape) < drop, 0, change / (1 - drop)) for change in changes]
        for changes in task_vectors(members, base)
    ]
    return added(base, mean(thinned, [1 / len(members)] * len(members)), scale)


@merge(
    title="Breadcrumbs",
    summary="Leaves out the largest and the smallest changes of each member and adds the mean of the rest to the base.",
    formula="θ = θ_0 + λ mean of τ_m without its top γ and its bottom 1 − d − γ",
    reference="Davari & Belilovsky, 2023",
    options={
        "density": DENSITY,
        "gamma": Field(ge=0, lt=1, description="Share of the largest changes that is left out."),
        "scale": SCALE,
    },
    fewest=1,
    failures=("Where the largest changes carry the task, it is lost with them.",),
)
def breadcrumbs(
    members: Sequence[Arrays], base: Arrays, *, density: float = 0.9, gamma: float = 0.01, scale: float = 1.0
) -> Arrays:
    """The base and the mean of the task vectors, each array without its outliers and its small change."""
    masked = [[kept(change, density, dropped=gamma) for change in changes] for changes in task_vectors(members, base)]
    return added(base, mean(masked, [1 / len(members)] * len(members)), scale)
