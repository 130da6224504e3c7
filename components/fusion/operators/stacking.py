"""A layer that learns from the members' predictions what to make of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from components.fusion.lazy_keras import keras
from components.fusion.operator import UNITS, operator, vector
from components.fusion.signals import Kind, Signal, Tensor

_KINDS: dict[str, Kind] = {"softmax": "probabilities", "sigmoid": "sigmoid", "linear": "values"}


def start_at_mean(layer: Any, members: Sequence[Any]) -> None:
    """Starts a dense layer over predictions, each as wide as the layer, at their mean."""
    inputs, units = layer.kernel.shape
    count = inputs // units
    layer.set_weights([np.tile(np.eye(units) / count, (count, 1)), np.zeros(units)])


def _stacked(signals: Sequence[Signal], options: Any) -> Signal:
    vector(signals, "Stacking")
    return Signal((options.units,), "float32", _KINDS[options.activation])


@operator(
    title="Stacking",
    summary="A trained layer sees what all members say and learns from it what the answer is.",
    formula="p = activation(W [z_1; …; z_M] + b), W = [I … I] / M and b = 0 where it starts at the mean",
    reference="Wolpert, 1992; Breiman, 1996; van der Laan et al., 2007",
    infer=_stacked,
    options={"units": UNITS},
    failures=(
        "Where members have seen the training data, it trusts the one that knows them by heart: train it on other data.",
        "With many members and classes it has many weights, and on few data they fit the noise.",
    ),
    start=start_at_mean,
)
def stacking(
    tensors: list[Tensor], units: int, activation: Literal["softmax", "sigmoid", "linear"] = "softmax", *, name: str
) -> Tensor:
    """A dense layer over vectors laid end to end."""
    joined = keras.layers.Concatenate(name=f"{name}.all")(tensors)
    return keras.layers.Dense(units, activation=activation, name=name)(joined)
