"""Another number format."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from components.fusion.lazy_keras import keras
from components.fusion.operator import operator
from components.fusion.signals import Signal, Tensor


def _as_dtype(signals: Sequence[Signal], options: Any) -> Signal:
    return signals[0]._replace(dtype=options.dtype)


@operator(
    title="Cast",
    summary="Gives the same numbers in another format.",
    formula="y = x",
    infer=_as_dtype,
    failures=("Whole numbers cut off what stands behind the point, and pass no gradient.",),
)
def cast(
    tensor: Tensor, dtype: Literal["float32", "float16", "float64", "int32", "int64", "uint8", "bool"], *, name: str
) -> Tensor:
    """The tensor in another dtype."""
    return keras.ops.cast(tensor, dtype)
