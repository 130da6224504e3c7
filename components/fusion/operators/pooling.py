"""Feature maps and sequences to vectors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from components.fusion.lazy_keras import keras
from components.fusion.operator import operator
from components.fusion.signals import Signal, Tensor, describe
from components.recipe import Refusal


def _pooled(signals: Sequence[Signal], options: Any) -> Signal:
    shape = signals[0].shape
    if len(shape) not in (2, 3, 4) or shape[-1] is None:
        raise Refusal(f"Global average pooling takes sequences, images or volumes; received {describe(shape)}.")
    return signals[0]._replace(shape=(shape[-1],))


@operator(
    title="Global average pooling",
    summary="Takes each channel's mean over all positions.",
    formula="y_c = mean over positions of x_c",
    reference="Lin et al., 2014",
    infer=_pooled,
    failures=("Where in the image or sequence something was is lost.",),
)
def global_average_pooling(tensor: Tensor, *, name: str) -> Tensor:
    """The mean over all axes but the first and the last."""
    pooling = {
        3: keras.layers.GlobalAveragePooling1D,
        4: keras.layers.GlobalAveragePooling2D,
        5: keras.layers.GlobalAveragePooling3D,
    }[len(tensor.shape)]
    return pooling(name=name)(tensor)
