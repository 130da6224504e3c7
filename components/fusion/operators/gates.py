"""The first member's features, changed by the others; until something is learned they pass unchanged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from components.fusion.lazy_keras import keras
from components.fusion.operator import operator, vector
from components.fusion.signals import Signal, Tensor


def _as_the_first(signals: Sequence[Signal], options: Any) -> Signal:
    vector(signals, "A gate")
    return Signal(signals[0].shape, "float32", "features")


@operator(
    title="Tanh gate",
    summary="Adds what the others say to the first member's features through a gate that is shut at the start.",
    formula="h = h_1 + Σ_{m>1} tanh(α_m) (C_m h_m + c_m), α = 0 at the start",
    reference="Alayrac et al., 2022",
    infer=_as_the_first,
    failures=("Before the first step the gate lets no gradient through to the members behind it; only α moves.",),
    sign="tanh",
    starts_at_first=True,
)
def tanh_gate(tensors: list[Tensor], *, name: str) -> Tensor:
    """The first vector and, gated, a linear map of each of the others. The 1 × 1 kernel of `alpha-m` is `α_m`."""
    parts = [tensors[0]]
    for number, tensor in enumerate(tensors[1:], start=2):
        change = keras.layers.Dense(tensors[0].shape[-1], name=f"{name}.change-{number}")(tensor)
        one = keras.ops.ones_like(change[:, :1])
        alpha = keras.layers.Dense(
            1, use_bias=False, activation="tanh", kernel_initializer="zeros", name=f"{name}.alpha-{number}"
        )(one)
        parts.append(keras.layers.Multiply(name=f"{name}.gated-{number}")([change, alpha]))
    return keras.layers.Add(name=name)(parts)


@operator(
    title="FiLM",
    summary="The others scale and shift each of the first member's features; at the start by 1 and 0.",
    formula="h = γ(h_2) ⊙ h_1 + β(h_2), γ = 1 and β = 0 at the start",
    reference="Perez et al., 2018",
    infer=_as_the_first,
    failures=("Before the first step no gradient reaches the members that scale and shift.",),
    sign="γβ",
    starts_at_first=True,
)
def film(tensors: list[Tensor], *, name: str) -> Tensor:
    """The first vector, scaled and shifted by linear maps of the others end to end."""
    first, *others = tensors
    width = first.shape[-1]
    said = keras.layers.Concatenate(name=f"{name}.others")(others) if len(others) > 1 else others[0]
    gamma = keras.layers.Dense(width, kernel_initializer="zeros", bias_initializer="ones", name=f"{name}.gamma")(said)
    beta = keras.layers.Dense(width, kernel_initializer="zeros", name=f"{name}.beta")(said)
    scaled = keras.layers.Multiply(name=f"{name}.scaled")([gamma, first])
    return keras.layers.Add(name=name)([scaled, beta])
