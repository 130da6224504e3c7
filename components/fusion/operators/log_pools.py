"""Pools in log space: the geometric mean and the product of the members' probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from components.fusion.lazy_keras import keras
from components.fusion.operator import alike, operator, vector
from components.fusion.signals import Signal, Tensor
from components.recipe import Refusal


def _pooled(signals: Sequence[Signal], options: Any) -> Signal:
    vector(signals, "A pool of logits")
    pooled = alike(signals, options)
    if pooled.kind != "logits":
        raise Refusal(f"Logits are needed; received {pooled.kind}. Put a logarithm behind probabilities.")
    return pooled._replace(kind="probabilities")


@operator(
    title="Logit average",
    summary="Averages the members' logits: the geometric mean of their probabilities, brought to sum 1.",
    formula="p = softmax((1/M) Σ z_m) ∝ (Π p_m)^(1/M)",
    reference="Genest & Zidek, 1986; Heskes, 1998",
    infer=_pooled,
    failures=("A member that gives a class almost no chance vetoes it for all.",),
    sign="log",
)
def logit_average(tensors: list[Tensor], *, name: str) -> Tensor:
    """Probabilities from the mean of logits."""
    mean = keras.layers.Average(name=f"{name}.logits")(tensors)
    return keras.layers.Softmax(name=name)(mean)


@operator(
    title="Product",
    summary="Multiplies the members' probabilities class by class and brings them to sum 1.",
    formula="p ∝ Π p_m, computed as softmax(Σ z_m)",
    reference="Kittler et al., 1998",
    infer=_pooled,
    failures=(
        "It takes the members for independent; members that err together make it far too sure.",
        "A member that gives a class almost no chance vetoes it for all.",
    ),
    sign="×",
)
def product(tensors: list[Tensor], *, name: str) -> Tensor:
    """Probabilities from the sum of logits, in which small factors do not vanish."""
    total = keras.layers.Add(name=f"{name}.logits")(tensors)
    return keras.layers.Softmax(name=name)(total)
