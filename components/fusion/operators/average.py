"""The plain average."""

from __future__ import annotations

from components.fusion.lazy_keras import keras
from components.fusion.operator import alike, operator
from components.fusion.signals import Tensor


@operator(
    title="Average",
    summary="Gives every member the same say: the mean of their outputs.",
    formula="p = (1/M) Σ p_m",
    reference="Hansen & Salamon, 1990; Lakshminarayanan et al., 2017",
    infer=alike,
    failures=(
        "One member whose classes stand in another order ruins it.",
        "Each member's gradient is divided by the number of members.",
    ),
)
def average(tensors: list[Tensor], *, name: str) -> Tensor:
    """The mean of tensors of one shape."""
    return keras.layers.Average(name=name)(tensors)
