"""What other members say, added to a member's own input."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from components.fusion.lazy_keras import keras
from components.fusion.operator import operator, vector
from components.fusion.signals import Signal, Tensor, describe, size
from components.recipe import Refusal

LARGEST_PROJECTION = 50_000_000
"""A dense adapter with more weights than this is refused: it would need more memory than the members themselves."""


def _added(signals: Sequence[Signal], options: Any) -> Signal:
    first, *others = signals
    vector(others, "A residual adapter")
    numbers = size(first.shape)
    if numbers is None:
        raise Refusal(f"A residual adapter adds to a known length; received {describe(first.shape)}.")
    weights = numbers * sum(other.shape[0] or 0 for other in others)
    if weights > LARGEST_PROJECTION:
        raise Refusal(
            f"To add to {describe(first.shape)}, an adapter would need {weights:,} weights; up to {LARGEST_PROJECTION:,} are "
            "built. Cut at fewer features, or use a cascade."
        )
    return Signal(first.shape, "float32", first.kind)


@operator(
    title="Residual adapter",
    summary="Adds a trained linear map of what comes second to what comes first; at the start nothing is added.",
    formula="y = x + S h + s, S = 0 and s = 0 at the start",
    reference="He et al., 2016",
    infer=_added,
    failures=("Before the first step the member that is added gets no gradient; only S moves.",),
    sign="+",
    starts_at_first=True,
)
def residual_adapter(tensors: list[Tensor], *, name: str) -> Tensor:
    """The first tensor, of any shape, and a dense layer over each of the others, laid out in that shape."""
    first, *others = tensors
    shape = first.shape[1:]
    numbers = 1
    for axis in shape:
        numbers *= axis
    parts = [first]
    for number, tensor in enumerate(others, start=2):
        change = keras.layers.Dense(numbers, kernel_initializer="zeros", name=f"{name}.change-{number}")(tensor)
        parts.append(keras.layers.Reshape(shape, name=f"{name}.shape-{number}")(change))
    return keras.layers.Add(name=name)(parts)
