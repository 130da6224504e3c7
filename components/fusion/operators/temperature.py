"""One number that makes probabilities less sure, or surer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import Field

from components.fusion.lazy_keras import keras
from components.fusion.operator import operator, vector
from components.fusion.signals import Signal, Tensor
from components.recipe import Refusal

_REFERENCE = "Guo et al., 2017; Rahaman & Thiery, 2021"


def _scaled(signals: Sequence[Signal], options: Any) -> Signal:
    vector(signals, "A temperature")
    if signals[0].kind != "logits":
        raise Refusal(f"A temperature takes logits; received {signals[0].kind}. Put a logarithm behind probabilities.")
    return signals[0]._replace(kind="probabilities")


@operator(
    title="Temperature",
    summary="Divides logits by a number that is given: above 1 the prediction is less sure, and no class changes its rank.",
    formula="p = softmax(z / T)",
    reference=_REFERENCE,
    infer=_scaled,
    options={"temperature": Field(gt=0, le=1000, description="What the logits are divided by.")},
    failures=(
        "A temperature fitted on data that the members have seen leaves them too sure.",
        "One number for all classes cannot mend a member that is too sure of one class alone.",
    ),
    sign="T",
)
def temperature(tensor: Tensor, temperature: float, *, name: str) -> Tensor:
    """Probabilities from divided logits."""
    divided = keras.layers.Rescaling(1.0 / temperature, name=f"{name}.logits")(tensor)
    return keras.layers.Softmax(name=name)(divided)


@operator(
    title="Temperature, learned",
    summary="Learns the number by which logits are divided; at the start it is 1.",
    formula="p = softmax(z / T) with 1/T = exp(a), a = 0 at the start",
    reference=_REFERENCE,
    infer=_scaled,
    failures=("Trained on the data that the members have seen, it leaves them too sure.",),
    sign="T",
)
def learned_temperature(tensor: Tensor, *, name: str) -> Tensor:
    """Probabilities from logits times a positive number. The 1 × 1 kernel of the dense layer is `a`."""
    one = keras.ops.ones_like(tensor[:, :1])
    inverse = keras.layers.Dense(1, use_bias=False, activation="exponential", kernel_initializer="zeros", name=name)(one)
    divided = keras.layers.Multiply(name=f"{name}.logits")([tensor, inverse])
    return keras.layers.Softmax(name=f"{name}.softmax")(divided)
