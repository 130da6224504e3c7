"""One scale for every branch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from components.fusion.lazy_keras import keras
from components.fusion.operator import operator
from components.fusion.signals import Signal, Tensor, describe
from components.recipe import Refusal


def _features(signals: Sequence[Signal], options: Any) -> Signal:
    shape = signals[0].shape
    if not shape or shape[-1] is None:
        raise Refusal(f"Layer normalization needs a last axis of known length; received {describe(shape)}.")
    return signals[0]._replace(kind="features")


@operator(
    title="Layer normalization",
    summary="Brings a branch's features to mean 0 and deviation 1 in each sample, so that no branch drowns another.",
    formula="y = γ (x − mean x) / deviation x + β",
    reference="Ba, Kiros & Hinton, 2016",
    infer=_features,
    failures=("How large a sample's features are as a whole is lost.",),
)
def layer_normalization(tensor: Tensor, *, name: str) -> Tensor:
    """Normalised along the last axis."""
    return keras.layers.LayerNormalization(name=name)(tensor)
