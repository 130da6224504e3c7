"""Products of every feature of one member with every feature of the others, in full and at low rank."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from pydantic import Field

from components.fusion.lazy_keras import keras
from components.fusion.operator import UNITS, operator, to_units, vector
from components.fusion.signals import Signal, Tensor
from components.recipe import Refusal

LARGEST_INTERACTION = 50_000_000
"""Bilinear weights beyond this number are refused: they would need more memory than the members themselves."""


def _bilinear(signals: Sequence[Signal], options: Any) -> Signal:
    joined = to_units(signals, options)
    first, *others = [signal.shape[0] or 0 for signal in signals]
    weights = first * sum(others) * options.units
    if weights > LARGEST_INTERACTION:
        raise Refusal(
            f"{first:,} features by {sum(others):,} by {options.units:,} units are {weights:,} weights; up to "
            f"{LARGEST_INTERACTION:,} are built. Use low-rank tensor fusion, fewer units, or cut at fewer features."
        )
    return joined


@operator(
    title="Bilinear interaction",
    summary="Multiplies every feature of the first member with every feature of the others; each pair has a weight of its own.",
    formula="h = Σ_{m>1} h_1ᵀ W_m h_m + U [h_1; …; h_M] + b",
    reference="Jayakumar et al., 2020",
    infer=_bilinear,
    options={"units": UNITS},
    failures=("Its weights grow with the product of the widths, and on few data they fit the noise.",),
    sign="W",
)
def bilinear(tensors: list[Tensor], units: int, *, name: str) -> Tensor:
    """A linear map of all vectors and, for each but the first, a bilinear form of it and the first."""
    first, *others = tensors
    parts = [keras.layers.Dense(units, name=f"{name}.linear")(keras.layers.Concatenate(name=f"{name}.all")(tensors))]
    for number, tensor in enumerate(others, start=2):
        width = tensor.shape[-1]
        rows = keras.layers.Dense(units * width, use_bias=False, name=f"{name}.form-{number}")(first)
        matrix = keras.layers.Reshape((units, width), name=f"{name}.matrix-{number}")(rows)
        parts.append(keras.layers.Dot(axes=(2, 1), name=f"{name}.pairs-{number}")([matrix, tensor]))
    return keras.layers.Add(name=name)(parts)


WIDEST_TENSOR = 65_536
"""An outer product with more entries than this is refused: the head over it would be larger than the members."""


def _outer(signals: Sequence[Signal], options: Any) -> Signal:
    vector(signals, "Tensor fusion")
    width = math.prod((signal.shape[0] or 0) + 1 for signal in signals)
    if width > WIDEST_TENSOR:
        raise Refusal(
            f"The outer product of {len(signals)} members' features has {width:,} entries; up to {WIDEST_TENSOR:,} are built. "
            "Use low-rank tensor fusion, or cut at fewer features."
        )
    return Signal((width,), "float32", "features")


@operator(
    title="Tensor fusion",
    summary="Multiplies every feature of each member with every feature of every other, alone and together.",
    formula="h = vec([1; h_1] ⊗ … ⊗ [1; h_M])",
    reference="Zadeh et al., 2017",
    infer=_outer,
    failures=("Its width is the product of the members' widths, and on few data the head over it fits the noise.",),
    sign="⊗",
)
def tensor_fusion(tensors: list[Tensor], *, name: str) -> Tensor:
    """The outer product of vectors that begin with a 1, in row-major order."""
    first, *others = [keras.ops.pad(tensor, [[0, 0], [1, 0]], constant_values=1.0) for tensor in tensors]
    for number, tensor in enumerate(others, start=2):
        pairs = first[:, :, None] * tensor[:, None, :]
        first = keras.layers.Reshape((first.shape[-1] * tensor.shape[-1],), name=f"{name}.product-{number}")(pairs)
    return first


@operator(
    title="Low-rank tensor fusion",
    summary="Multiplies the members' features across all members at once, through a few factors instead of a whole tensor.",
    formula="h = Σ_r w_r Π_m F_m^(r) [h_m; 1] + b",
    reference="Liu et al., 2018",
    infer=to_units,
    options={"units": UNITS, "rank": Field(ge=1, le=64, description="How many factors stand for the whole tensor.")},
    failures=("With many members the product vanishes or explodes.", "A rank too small misses pairs of features that matter."),
    sign="⊗r",
)
def low_rank_tensor_fusion(tensors: list[Tensor], units: int, rank: int = 4, *, name: str) -> Tensor:
    """The weighted sum over ranks of the product, entry by entry, of a linear map of each vector."""
    factors = []
    for number, tensor in enumerate(tensors, start=1):
        factor = keras.layers.Dense(units * rank, name=f"{name}.factor-{number}")(tensor)
        factors.append(keras.layers.Reshape((units, rank), name=f"{name}.ranks-{number}")(factor))
    product = keras.layers.Multiply(name=f"{name}.product")(factors)
    summed = keras.layers.Dense(1, name=name)(product)
    return keras.layers.Reshape((units,), name=f"{name}.vector")(summed)
