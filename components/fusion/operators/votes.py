"""Rules that take only the order in which a member puts the classes. No gradient passes through them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from pydantic import Field

from components.fusion.lazy_keras import keras
from components.fusion.operator import alike, operator, vector
from components.fusion.signals import Signal, Tensor
from components.recipe import Refusal


def _choices(signals: Sequence[Signal], options: Any) -> Signal:
    vector(signals, "A vote")
    chosen = alike(signals, options)
    if chosen.kind != "probabilities":
        raise Refusal(f"A vote takes class probabilities; received {chosen.kind}. Convert the heads first.")
    return chosen


@operator(
    title="Majority vote",
    summary="Each member votes for its most probable class; the class with most votes gets probability 1.",
    formula="ŷ = argmax_k Σ_m 1[ŷ_m = k]; ties by Σ p_m, then the lowest class",
    reference="Hansen & Salamon, 1990",
    infer=_choices,
    failures=(
        "No gradient passes at all, so nothing before it can be trained.",
        "Its probabilities are 0 and 1, so one wrong answer makes the log loss very large.",
    ),
    sign="vote",
    gradient=False,
)
def majority_vote(tensors: list[Tensor], *, name: str) -> Tensor:
    """The class with most votes, as a vector of one 1 and zeros."""
    classes = tensors[0].shape[-1]
    votes = sum(keras.ops.one_hot(keras.ops.argmax(tensor, axis=-1), classes) for tensor in tensors)
    leading = keras.ops.equal(votes, keras.ops.max(votes, axis=-1, keepdims=True))
    winner = keras.ops.argmax(keras.ops.where(leading, sum(tensors), -1.0), axis=-1)
    return keras.ops.one_hot(winner, classes)


@operator(
    title="Rank average",
    summary="Each member ranks the classes; the mean ranks, brought to sum 1, are the prediction (Borda count).",
    formula="score_k = Σ_m rank_m(k), rank 1 for the least probable class; ties share the mean rank",
    reference="Ho, Hull & Srihari, 1994",
    infer=_choices,
    failures=(
        "No gradient passes at all, so nothing before it can be trained.",
        "How sure a member is counts for nothing, so the scores lie close together.",
        "It compares every class with every other: K² comparisons for each member and sample.",
    ),
    sign="rank",
    gradient=False,
)
def rank_average(tensors: list[Tensor], *, name: str) -> Tensor:
    """The sum of the classes' ranks over the members, divided by its total."""
    scores = 0.0
    for tensor in tensors:
        own, other = tensor[:, :, None], tensor[:, None, :]
        below = keras.ops.sum(keras.ops.cast(keras.ops.less(other, own), "float32"), axis=-1)
        level = keras.ops.sum(keras.ops.cast(keras.ops.equal(other, own), "float32"), axis=-1)
        scores = scores + below + (level + 1.0) / 2.0
    classes = tensors[0].shape[-1]
    return scores / (len(tensors) * classes * (classes + 1) / 2.0)


def _one_weight_each(signals: Sequence[Signal], options: Any) -> Signal:
    if len(options.weights) != len(signals):
        raise Refusal(
            f"One weight for each of {len(signals)} members is needed; received {len(options.weights)}. Give one for each."
        )
    if not all(math.isfinite(weight) for weight in options.weights) or not any(options.weights):
        raise Refusal("The weights of a vote are finite numbers, not all 0; received something else.")
    return _choices(signals, options)


@operator(
    title="Weighted vote",
    summary="Each member votes for its most probable class, and its vote counts by a weight that is given.",
    formula="ŷ = argmax_k Σ_m w_m 1[ŷ_m = k], best with w_m = log(a_m / (1 − a_m)) + log(K − 1) at accuracy a_m",
    reference="Nitzan & Paroush, 1982; Kuncheva, 2004",
    infer=_one_weight_each,
    options={"weights": Field(description="One weight for each member; below 0 it votes against.")},
    failures=(
        "No gradient passes at all, so nothing before it can be trained.",
        "A member that was always right on few data gets all the say: smooth its accuracy first.",
        "The best weights take the members for independent.",
    ),
    sign="vote",
    gradient=False,
)
def weighted_vote(tensors: list[Tensor], weights: tuple[float, ...], *, name: str) -> Tensor:
    """The class with the largest sum of weights, as a vector of one 1 and zeros; ties as in a majority vote."""
    classes = tensors[0].shape[-1]
    votes = sum(
        weight * keras.ops.one_hot(keras.ops.argmax(tensor, axis=-1), classes)
        for weight, tensor in zip(weights, tensors, strict=True)
    )
    # Sums of weights that are equal on paper may differ by rounding.
    leading = keras.ops.greater_equal(votes, keras.ops.max(votes, axis=-1, keepdims=True) - 1e-6)
    winner = keras.ops.argmax(keras.ops.where(leading, sum(tensors), -1.0), axis=-1)
    return keras.ops.one_hot(winner, classes)
