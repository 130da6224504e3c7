"""Sums of the members' features under weights that depend on the sample."""

from __future__ import annotations

from components.fusion.lazy_keras import keras
from components.fusion.operator import UNITS, Gate, operator, to_units
from components.fusion.signals import Tensor


@operator(
    title="Gated multimodal unit",
    summary="A gate that sees all features decides for each sample how much each member counts; at the start all do alike.",
    formula="h = Σ z_m tanh(W_m h_m + b_m), z = softmax(W_z [h_1; …; h_M] + b_z), W_z = 0 at the start",
    reference="Arevalo et al., 2017",
    infer=to_units,
    options={"units": UNITS},
    failures=("The gate can settle on one member for every sample; the others then learn no more.",),
    sign="z",
    gate=Gate("gates"),
)
def gated_multimodal_unit(tensors: list[Tensor], units: int, *, name: str) -> Tensor:
    """The gated sum of a tanh layer over each vector."""
    hidden = [
        keras.layers.Dense(units, activation="tanh", name=f"{name}.hidden-{number}")(tensor)
        for number, tensor in enumerate(tensors, start=1)
    ]
    seen = keras.layers.Concatenate(name=f"{name}.all")(tensors)
    gates = keras.layers.Dense(len(tensors), activation="softmax", kernel_initializer="zeros", name=f"{name}.gates")(seen)
    return keras.layers.Dot(axes=1, name=name)([gates, keras.ops.stack(hidden, axis=1)])


@operator(
    title="Attention over members",
    summary="Scores each member's features for each sample and averages them by the scores; at the start it is the mean.",
    formula="h = Σ α_m P_m h_m, α = softmax(vᵀ tanh(W P_m h_m + b)), v = 0 at the start",
    reference="Bahdanau et al., 2015; Ilse et al., 2018",
    infer=to_units,
    options={"units": UNITS},
    failures=(
        "It can settle on one member for every sample; the others then learn no more.",
        "Before the first step W gets no gradient, since v is 0.",
    ),
    sign="α",
    gate=Gate("weights"),
)
def attention(tensors: list[Tensor], units: int, *, name: str) -> Tensor:
    """The mean of vectors under scored weights; `P_m` starts as the identity where the width is `units` already."""
    projected = [
        keras.layers.Dense(
            units,
            use_bias=False,
            kernel_initializer="identity" if tensor.shape[-1] == units else "glorot_uniform",
            name=f"{name}.projection-{number}",
        )(tensor)
        for number, tensor in enumerate(tensors, start=1)
    ]
    stacked = keras.ops.stack(projected, axis=1)
    hidden = keras.layers.Dense(units, activation="tanh", name=f"{name}.hidden")(stacked)
    scores = keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros", name=f"{name}.scores")(hidden)
    weights = keras.layers.Softmax(axis=1, name=f"{name}.weights")(scores)
    return keras.ops.sum(weights * stacked, axis=1)
