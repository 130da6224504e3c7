"""Averages in which members have different weights, learned or given."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from pydantic import Field

from components.fusion.lazy_keras import keras
from components.fusion.operator import alike, operator, vector
from components.fusion.signals import Signal, Tensor
from components.recipe import Refusal


def _vectors_alike(signals: Sequence[Signal], options: Any) -> Signal:
    vector(signals, "A learned weighted average")
    return alike(signals, options)


@operator(
    title="Weighted average, learned",
    summary="Learns how much each member counts; at the start they count the same.",
    formula="p = Σ w_m p_m with w = softmax(a), a = 0 at the start",
    reference="Perrone & Cooper, 1993",
    infer=_vectors_alike,
    failures=("On few data the weights fit the noise.",),
)
def weighted_average(tensors: list[Tensor], *, name: str) -> Tensor:
    """The mean of vectors under weights that sum to 1. The kernel of the dense layer, 1 × M, is `a`."""
    one = keras.ops.ones_like(tensors[0][:, :1])
    weights = keras.layers.Dense(len(tensors), use_bias=False, activation="softmax", kernel_initializer="zeros", name=name)(one)
    stacked = keras.ops.stack(tensors, axis=1)
    return keras.layers.Dot(axes=1, name=f"{name}.sum")([weights, stacked])


def _one_weight_each(signals: Sequence[Signal], options: Any) -> Signal:
    weights = options.weights
    if len(weights) != len(signals):
        raise Refusal(f"One weight for each of {len(signals)} members is needed; received {len(weights)}. Give one for each.")
    if not all(math.isfinite(weight) and weight >= 0 for weight in weights) or sum(weights) == 0:
        raise Refusal(f"Weights must be 0 or more, and not all 0; received {', '.join(f'{w:g}' for w in weights)}.")
    return alike(signals, options)


@operator(
    title="Weighted average, fixed",
    summary="Counts each member by a weight that is given; the weights are divided by their sum.",
    formula="p = Σ w_m p_m with w_m ≥ 0, Σ w_m = 1",
    reference="Perrone & Cooper, 1993",
    infer=_one_weight_each,
    options={"weights": Field(description="One weight for each member, 0 or more; they are divided by their sum.")},
    failures=("Weights chosen on a small validation split overfit it.",),
)
def fixed_weighted_average(tensors: list[Tensor], weights: tuple[float, ...], *, name: str) -> Tensor:
    """The mean of tensors of one shape under given weights."""
    parts = [
        keras.layers.Rescaling(weight / sum(weights), name=f"{name}.weight-{index}")(tensor)
        for index, (weight, tensor) in enumerate(zip(weights, tensors, strict=True), start=1)
    ]
    return keras.layers.Add(name=name)(parts)
