"""The numbers a member was trained on, from the numbers a person has."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from pydantic import Field

from components.fusion.lazy_keras import keras
from components.fusion.operator import operator
from components.fusion.signals import Signal, Tensor
from components.recipe import Refusal


def _rescaled(signals: Sequence[Signal], options: Any) -> Signal:
    width = signals[0].shape[-1]
    for option in ("scale", "offset"):
        value = getattr(options, option)
        numbers = value if isinstance(value, tuple) else (value,)
        if isinstance(value, tuple) and len(value) != width:
            raise Refusal(f"Rescale needs 1 number or one for each of {width} columns as its {option}; received {len(value)}.")
        if not all(math.isfinite(number) for number in numbers):
            raise Refusal(f"Rescale needs finite numbers as its {option}; received one that is not.")
    return signals[0]._replace(dtype="float32")


@operator(
    title="Rescale",
    summary="Multiplies and shifts the inputs, by one number or by one for each column.",
    formula="y = scale · x + offset",
    infer=_rescaled,
    options={
        "scale": Field(description="One number, or one for each column."),
        "offset": Field(description="One number, or one for each column."),
    },
)
def rescale(
    tensor: Tensor, scale: float | tuple[float, ...] = 1.0, offset: float | tuple[float, ...] = 0.0, *, name: str
) -> Tensor:
    """Scaled and shifted along the last axis."""
    return keras.layers.Rescaling(scale, offset, name=name)(tensor)
