"""Dense layers: the head that ends a fused model, and the projection that makes widths meet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from pydantic import Field

from components.fusion.lazy_keras import keras
from components.fusion.operator import UNITS, operator, vector
from components.fusion.signals import Kind, Signal, Tensor, describe
from components.recipe import Refusal

_KINDS: dict[str, Kind] = {"softmax": "probabilities", "sigmoid": "sigmoid", "linear": "values"}


HEAD_WIDTH: Any = Field(ge=0, le=4096, description="Head width: rectified units of a hidden layer before the output; 0: none.")
"""The hidden layer's width, in the operator and in the layouts that end in it; first weights after He et al. (2015)."""


def start_at_logit_average(head: Any, members: Sequence[Any]) -> None:
    """Starts a head over concatenated features at the average of what the members' own dense layers give.

    A member with two classes counts towards a head of one unit by the difference of its two logits.
    """
    kernels, biases = [], []
    for member in members:
        kernel, *given = member.get_weights()
        bias = given[0] if given else np.zeros(member.units, kernel.dtype)
        if head.units == 1 and member.units == 2:
            kernel, bias = kernel[:, 1:] - kernel[:, :1], bias[1:] - bias[:1]
        kernels.append(kernel)
        biases.append(bias)
    head.set_weights([np.concatenate(kernels) / len(members), np.sum(biases, axis=0) / len(members)])


def _head(signals: Sequence[Signal], options: Any) -> Signal:
    vector(signals, "A head")
    if options.activation == "softmax" and options.units < 2:
        raise Refusal(f"A softmax needs 2 units or more; received {options.units}. Use a sigmoid for one yes/no target.")
    return Signal((options.units,), "float32", _KINDS[options.activation])


@operator(
    title="Head",
    summary="A trained dense layer that turns features into the prediction.",
    formula="p = activation(W h + b)",
    reference="Ngiam et al., 2011",
    infer=_head,
    options={"units": UNITS, "hidden": HEAD_WIDTH},
    failures=("It has weights of its own: until it is trained it predicts at random, unless it starts from the members.",),
    start=start_at_logit_average,
)
def head(
    tensor: Tensor,
    units: int,
    activation: Literal["softmax", "sigmoid", "linear"] = "softmax",
    hidden: int = 0,
    *,
    name: str,
) -> Tensor:
    """A dense layer over a vector, and before it one of rectified units where `hidden` is above 0."""
    if hidden:
        tensor = keras.layers.Dense(hidden, activation="relu", kernel_initializer="he_normal", name=f"{name}.hidden")(tensor)
    return keras.layers.Dense(units, activation=activation, name=name)(tensor)


def _projection(signals: Sequence[Signal], options: Any) -> Signal:
    shape = signals[0].shape
    if not shape or shape[-1] is None:
        raise Refusal(f"A dense projection needs a last axis of known length; received {describe(shape)}. Pool it first.")
    return Signal((*shape[:-1], options.units), "float32", "features")


@operator(
    title="Dense projection",
    summary="A trained linear map of the last axis, so that widths meet.",
    formula="y = P x + b",
    reference="Lenc & Vedaldi, 2015",
    infer=_projection,
    options={
        "units": UNITS,
        "start": Field(description="Where the kernel begins: random numbers, or the identity on the first units."),
    },
    failures=("It passes on nothing sensible until it is trained, unless it starts as the identity.",),
)
def dense_projection(
    tensor: Tensor, units: int, start: Literal["glorot_uniform", "identity"] = "glorot_uniform", *, name: str
) -> Tensor:
    """A dense layer over the last axis, without an activation."""
    return keras.layers.Dense(units, kernel_initializer=start, name=name)(tensor)
