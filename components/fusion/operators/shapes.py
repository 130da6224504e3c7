"""Adapters that only lay the same numbers out differently."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import Field

from components.fusion.lazy_keras import keras
from components.fusion.operator import operator, vector
from components.fusion.signals import Signal, Tensor, describe, size
from components.recipe import Refusal


def _flat(signals: Sequence[Signal], options: Any) -> Signal:
    numbers = size(signals[0].shape)
    if numbers is None:
        raise Refusal(f"Flatten needs axes of known length; received {describe(signals[0].shape)}. Pool it instead.")
    return signals[0]._replace(shape=(numbers,))


@operator(
    title="Flatten",
    summary="Lays all numbers of a sample out in one row.",
    formula="y = vec(x)",
    infer=_flat,
)
def flatten(tensor: Tensor, *, name: str) -> Tensor:
    """A vector of all numbers of a sample, in row-major order."""
    return keras.layers.Flatten(name=name)(tensor)


def _reshaped(signals: Sequence[Signal], options: Any) -> Signal:
    shape = signals[0].shape
    if size(shape) is None or size(shape) != size(options.shape):
        raise Refusal(f"{describe(shape)} cannot be laid out as {describe(options.shape)}: the counts differ.")
    return signals[0]._replace(shape=options.shape)


@operator(
    title="Reshape",
    summary="Lays the same numbers out in another shape.",
    formula="y = reshape(x)",
    infer=_reshaped,
    options={"shape": Field(min_length=1, max_length=6, description="The new shape, without the batch axis.")},
)
def reshape(tensor: Tensor, shape: tuple[int, ...], *, name: str) -> Tensor:
    """The numbers of a sample in another shape, in row-major order."""
    return keras.layers.Reshape(shape, name=name)(tensor)


def _spread(signals: Sequence[Signal], options: Any) -> Signal:
    vector(signals, "Spread")
    return signals[0]._replace(shape=(*options.positions, signals[0].shape[0]))


@operator(
    title="Spread",
    summary="Repeats a vector at every position of an image or a sequence.",
    formula="y_i = x for every position i",
    infer=_spread,
    options={"positions": Field(min_length=1, max_length=3, description="How many positions along each axis.")},
)
def spread(tensor: Tensor, positions: tuple[int, ...], *, name: str) -> Tensor:
    """A vector repeated along new leading axes."""
    count = 1
    for axis in positions:
        count *= axis
    repeated = keras.layers.RepeatVector(count, name=f"{name}.repeat")(tensor)
    return keras.layers.Reshape((*positions, tensor.shape[-1]), name=name)(repeated)
