"""Averages of weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from pydantic import Field

from components.models.weight_space.registry import Arrays, merge
from components.recipe import Refusal

WEIGHTS: Any = Field(description="Weight of each member, in their order; empty gives all the same.")


def mean(members: Sequence[Arrays], shares: Sequence[float]) -> Arrays:
    """The sum of the members' arrays, each times its member's share."""
    return [sum(share * array for share, array in zip(shares, arrays, strict=True)) for arrays in zip(*members, strict=True)]


def one_each(weights: tuple[float, ...], members: int) -> list[float]:
    """The weights as given, or 1/M for each where none are.

    Raises:
        Refusal: when their number is not that of the members.
    """
    if weights and len(weights) != members:
        raise Refusal(f"{len(weights)} weights were given for {members} members. Give one for each, or none.")
    return list(weights) or [1 / members] * members


def on_the_simplex(weights: tuple[float, ...], members: int) -> list[float]:
    """The weights divided by their sum, or 1/M for each where none are given.

    Raises:
        Refusal: when their number is not that of the members, one is below 0, or all are 0.
    """
    given = one_each(weights, members)
    if min(given) < 0 or not sum(given) > 0:
        raise Refusal(f"The weights of an average are 0 or more and not all 0; received {', '.join(f'{w:g}' for w in given)}.")
    return [weight / sum(given) for weight in given]


@merge(
    title="Average",
    summary="Averages every weight over the members, with equal or given weights.",
    formula="θ = Σ w_m θ_m,  Σ w_m = 1",
    reference="Wortsman et al., 2022",
    options={"weights": WEIGHTS},
    linear=True,
    shares=lambda options, members: on_the_simplex(options.weights, members),
    failures=(
        "Members that were trained independently fall together to chance: align them first.",
        "Members far from their common start lose accuracy in the middle; look at the barrier.",
    ),
)
def average(members: Sequence[Arrays], *, weights: tuple[float, ...] = ()) -> Arrays:
    """The weighted mean of each array; weights are divided by their sum."""
    return mean(members, on_the_simplex(weights, len(members)))


@merge(
    title="WiSE-FT",
    summary="Goes part of the way from the base to the members' average.",
    formula="θ = (1 − α) θ_0 + α Σ θ_m / M",
    reference="Wortsman et al., 2022",
    options={"alpha": Field(ge=0, le=1, description="How far to go: 0 is the base, 1 the members.")},
    fewest=1,
    linear=True,
    failures=("A base of another task than the members' lowers the score all the way.",),
)
def wise_ft(members: Sequence[Arrays], base: Arrays, *, alpha: float = 0.5) -> Arrays:
    """The base and the members' mean, interpolated."""
    middle = mean(members, [1 / len(members)] * len(members))
    return [(1 - alpha) * start + alpha * end for start, end in zip(base, middle, strict=True)]


def task_vectors(members: Sequence[Arrays], base: Arrays) -> list[Arrays]:
    """For each member what its training added to the base: τ_m = θ_m − θ_0."""
    return [[array - start for array, start in zip(member, base, strict=True)] for member in members]


def added(base: Arrays, changes: Arrays, scale: float) -> Arrays:
    """The base with changes, times a scale."""
    return [start + scale * np.asarray(change) for start, change in zip(base, changes, strict=True)]
