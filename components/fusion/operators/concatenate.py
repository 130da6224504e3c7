"""Vectors laid end to end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from components.fusion.lazy_keras import keras
from components.fusion.operator import operator
from components.fusion.signals import Signal, Tensor, describe
from components.recipe import Refusal


def _along_the_last_axis(signals: Sequence[Signal], options: Any) -> Signal:
    leading = {signal.shape[:-1] for signal in signals}
    widths = [signal.shape[-1] if signal.shape else None for signal in signals]
    if len(leading) > 1 or None in widths:
        received = " and ".join(describe(signal.shape) for signal in signals)
        raise Refusal(
            f"Concatenate needs shapes that differ in the last axis alone; received {received}. Flatten or pool first."
        )
    return Signal((*leading.pop(), sum(width or 0 for width in widths)), signals[0].dtype, "features")


@operator(
    title="Concatenate",
    summary="Lays the members' features end to end, so that a head can weigh them against each other.",
    formula="h = [h_1; …; h_M]",
    reference="Ngiam et al., 2011",
    infer=_along_the_last_axis,
    failures=("A branch with much larger numbers drowns the others: normalise each branch first.",),
)
def concatenate(tensors: list[Tensor], *, name: str) -> Tensor:
    """Tensors joined along the last axis; all other axes must be equal."""
    return keras.layers.Concatenate(name=name)(tensors)
