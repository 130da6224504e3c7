"""Adapters between pictures of different sizes and channels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import Field

from components.fusion.lazy_keras import keras
from components.fusion.operator import operator
from components.fusion.signals import Signal, Tensor, describe
from components.recipe import Refusal

_PIXELS = Field(ge=1, le=4096)


def _image(signal: Signal, title: str) -> None:
    if len(signal.shape) != 3:
        raise Refusal(f"{title} takes images (height × width × channels); received {describe(signal.shape)}.")


def _resized(signals: Sequence[Signal], options: Any) -> Signal:
    _image(signals[0], "Resizing")
    return Signal((options.height, options.width, signals[0].shape[2]), "float32", signals[0].kind)


@operator(
    title="Resizing",
    summary="Scales images to another height and width, bilinearly.",
    formula="y = bilinear(x)",
    infer=_resized,
    options={"height": _PIXELS, "width": _PIXELS},
    failures=("Enlarged images hold no more detail than before.",),
)
def resizing(tensor: Tensor, height: int, width: int, *, name: str) -> Tensor:
    """Images of another size."""
    return keras.layers.Resizing(height, width, name=name)(tensor)


def _repeated(signals: Sequence[Signal], options: Any) -> Signal:
    _image(signals[0], "Channel repeat")
    if signals[0].shape[2] != 1:
        raise Refusal(f"Channel repeat takes images of 1 channel; received {describe(signals[0].shape)}.")
    return signals[0]._replace(shape=(*signals[0].shape[:2], options.channels))


@operator(
    title="Channel repeat",
    summary="Shows a grey image to a member that takes several channels: each channel is the same.",
    formula="y_c = x for every channel c",
    infer=_repeated,
    options={"channels": Field(ge=2, le=64, description="How many channels the member takes.")},
)
def channel_repeat(tensor: Tensor, channels: int, *, name: str) -> Tensor:
    """An image of one channel, repeated along the last axis."""
    return keras.layers.Concatenate(name=name)([tensor] * channels)


def _grey(signals: Sequence[Signal], options: Any) -> Signal:
    _image(signals[0], "Channel mean")
    return signals[0]._replace(shape=(*signals[0].shape[:2], 1))


@operator(
    title="Channel mean",
    summary="Makes a colour image grey: the mean of its channels.",
    formula="y = (1/C) Σ x_c",
    infer=_grey,
    failures=("What differs in colour alone is lost.",),
)
def channel_mean(tensor: Tensor, *, name: str) -> Tensor:
    """The mean over the last axis, which is kept."""
    return keras.ops.mean(tensor, axis=-1, keepdims=True)


def _reversed(signals: Sequence[Signal], options: Any) -> Signal:
    _image(signals[0], "Channel reverse")
    return signals[0]


@operator(
    title="Channel reverse",
    summary="Puts the channels of an image in the reverse order: red, green, blue becomes blue, green, red.",
    formula="y_c = x_(C+1−c)",
    infer=_reversed,
)
def channel_reverse(tensor: Tensor, *, name: str) -> Tensor:
    """The last axis backwards."""
    return keras.ops.flip(tensor, axis=-1)
