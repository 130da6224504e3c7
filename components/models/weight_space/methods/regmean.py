"""Dense layers merged by least squares over what flows into them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from pydantic import Field

from components.models.weight_space.methods.average import mean
from components.models.weight_space.registry import Array, Arrays, merge


@merge(
    title="RegMean",
    summary="Chooses each dense layer's kernel so that it gives what the members' give on their own inputs, by least squares.",
    formula="W = (Σ G_m)⁻¹ Σ G_m W_m,  G_m = X_mᵀ X_m; the mean for all other weights",
    reference="Jin et al., 2023",
    options={
        "off_diagonal": Field(ge=0, le=1, description="Factor of what two inputs of a layer share."),
        "ridge": Field(gt=0, le=1, description="What is added to the diagonal, as a share of its mean."),
    },
    failures=(
        "Convolutions are averaged alone.",
        "Members that were trained independently see other features at one place: align them first.",
    ),
)
def regmean(
    members: Sequence[Arrays], grams: Sequence[list[Array | None]], *, off_diagonal: float = 0.9, ridge: float = 1e-6
) -> Arrays:
    """Merged arrays; `grams` has for each member and array XᵀX of the inputs to a dense kernel, None for any other weight."""
    merged = mean(members, [1 / len(members)] * len(members))
    for index, found in enumerate(zip(*grams, strict=True)):
        known = [gram for gram in found if gram is not None]
        if known:
            merged[index] = _solve([_damped(gram, off_diagonal) for gram in known], [each[index] for each in members], ridge)
    return merged


def _damped(gram: Array, off_diagonal: float) -> Array:
    return off_diagonal * gram + (1 - off_diagonal) * np.diag(np.diag(gram))


def _solve(grams: list[Array], kernels: list[Array], ridge: float) -> Array:
    """(ΣG + r·1)⁻¹ Σ (G_m + r/M·1) W_m: the ridge pulls towards the mean, so that inputs that are never used keep it."""
    total = np.sum(grams, axis=0)
    identity = np.eye(len(total)) * (ridge * (np.trace(total) / len(total) or 1.0))
    right = sum((gram + identity / len(grams)) @ kernel for gram, kernel in zip(grams, kernels, strict=True))
    return np.linalg.solve(total + identity, right)
