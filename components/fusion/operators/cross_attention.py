"""One member's tokens, told what the others' tokens hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import Field

from components.fusion.lazy_keras import keras
from components.fusion.operator import operator
from components.fusion.signals import Signal, Tensor, describe
from components.recipe import Refusal

MOST_PAIRS = 1_048_576
"""More pairs of tokens than this are refused: each has a score for every head and sample."""
HEADS = Field(ge=1, le=64, description="How many times it is compared, each time with weights of its own.")
KEY_UNITS = Field(ge=1, le=1024, description="How many numbers of a token are compared.")


def _attended(signals: Sequence[Signal], options: Any) -> Signal:
    for signal in signals:
        if len(signal.shape) != 2 or signal.shape[1] is None or signal.shape[0] == 1:
            raise Refusal(
                f"Cross-attention takes 2 tokens or more, each a list of numbers; received {describe(signal.shape)}. "
                "Over one token query and key get no gradient at all. Cut at a layer that gives a sequence or a feature map."
            )
    first, *others = (signal.shape[0] or 2 for signal in signals)
    if first * max(others) > MOST_PAIRS:
        raise Refusal(
            f"{first:,} tokens against {max(others):,} are {first * max(others):,} pairs; up to {MOST_PAIRS:,} are compared. "
            "Cut deeper, where there are fewer positions."
        )
    return Signal(signals[0].shape, "float32", "features")


@operator(
    title="Cross-attention",
    summary="Each token of the first member looks up what fits it among the others' tokens; at the start nothing is added.",
    formula="h = h_1 + Σ_{m>1} softmax(Q K_mᵀ / √d) V_m O_m, Q from h_1, K_m and V_m from h_m, O_m = 0 at the start",
    reference="Vaswani et al., 2017; Tsai et al., 2019",
    infer=_attended,
    options={"heads": HEADS, "key_units": KEY_UNITS},
    failures=(
        "Before the first step the attention and the members that are looked up get no gradient; only O moves.",
        "Its cost grows with the product of the numbers of tokens.",
    ),
    sign="QKᵀ",
    starts_at_first=True,
)
def cross_attention(tensors: list[Tensor], heads: int = 2, key_units: int = 16, *, name: str) -> Tensor:
    """Tokens of the first tensor plus, for each of the others, what attention finds there, through a dense layer of zeros."""
    first, *others = tensors
    parts = [first]
    for number, tensor in enumerate(others, start=2):
        found = keras.layers.MultiHeadAttention(heads, key_units, name=f"{name}.attention-{number}")(first, tensor)
        width = first.shape[-1]
        parts.append(keras.layers.Dense(width, kernel_initializer="zeros", name=f"{name}.output-{number}")(found))
    return keras.layers.Add(name=name)(parts)
