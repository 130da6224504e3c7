"""Task vectors that were trimmed and agree on a sign."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from pydantic import Field

from components.models.weight_space.methods.average import added, task_vectors
from components.models.weight_space.methods.task_arithmetic import SCALE
from components.models.weight_space.registry import Array, Arrays, merge

DENSITY: Any = Field(gt=0, le=1, description="Share of each array's changes that is kept.")


def kept(array: Array, density: float, dropped: float = 0.0) -> Array:
    """An array with 0 for all but the share `density` of its entries: the largest ones below the share `dropped` at the top.

    Numbers of entries are rounded down, and at least one is kept, so that small arrays keep their share.
    """
    size = array.size
    top = int(np.floor(dropped * size + 1e-9))
    count = max(1, min(size - top, int(np.floor(density * size + 1e-9))))
    order = np.argsort(-np.abs(array), axis=None, kind="stable")[top : top + count]
    result = np.zeros_like(array)
    result.flat[order] = array.flat[order]
    return result


@merge(
    title="TIES",
    summary="Keeps the largest changes of each member, elects a sign for each weight, and averages those that agree.",
    formula="τ_m ← top-k %(τ_m);  γ = sign(Σ τ_m);  θ = θ_0 + λ mean{τ_m : sign τ_m = γ}",
    reference="Yadav et al., 2023",
    options={"density": DENSITY, "scale": SCALE},
    failures=("A low density loses what many small changes carry together.",),
)
def ties(members: Sequence[Arrays], base: Arrays, *, density: float = 0.2, scale: float = 1.0) -> Arrays:
    """Trim, elect sign, merge; each array is trimmed by itself. Where the sum is 0, the sign of the majority counts."""
    trimmed = [[kept(change, density) for change in changes] for changes in task_vectors(members, base)]
    return added(base, [_agreeing(np.stack(changes)) for changes in zip(*trimmed, strict=True)], scale)


def _agreeing(changes: Array) -> Array:
    sign = np.sign(changes.sum(axis=0))
    majority = np.sign(sign.sum()) or 1.0
    agree = np.sign(changes) == np.where(sign == 0, majority, sign)
    return np.where(agree, changes, 0).sum(axis=0) / np.maximum(agree.sum(axis=0), 1)
