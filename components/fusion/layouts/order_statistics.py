"""One value for each class out of those that the members give: the largest, the smallest, the middle."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from components.fusion.class_scores import in_form_of_target
from components.fusion.layout import layout
from components.fusion.writer import GraphWriter


def _ordered(writer: GraphWriter, operator: str, **options: Any) -> None:
    """Predictions through an operator that picks by order; probabilities are brought to sum 1 behind it."""
    fused = writer.operate(operator, [writer.scores(member) for member in writer.members], **options)
    if writer.signal(fused).kind == "sigmoid" and writer.data.target.task != "multilabel":
        fused = writer.adapt("shares", fused, "probabilities picked class by class need not sum to 1", fused)
    writer.output(in_form_of_target(writer, fused))


@layout(
    title="Maximum",
    family="output space",
    chinese="并联 · 最大值",
    summary="Each member predicts for itself, and each class takes the largest probability that any member gives it.",
    formula="p ∝ max_m p_m",
    reference="Kittler et al., 1998",
)
def maximum(writer: GraphWriter) -> None:
    """Predictions side by side into their maximum."""
    _ordered(writer, "maximum")


@layout(
    title="Minimum",
    family="output space",
    chinese="并联 · 最小值",
    summary="Each member predicts for itself, and each class takes the smallest probability that any member gives it.",
    formula="p ∝ min_m p_m",
    reference="Kittler et al., 1998",
)
def minimum(writer: GraphWriter) -> None:
    """Predictions side by side into their minimum."""
    _ordered(writer, "minimum")


@layout(
    title="Median",
    family="output space",
    chinese="并联 · 中位数",
    summary="Each member predicts for itself, and each class takes the probability in the middle.",
    formula="p ∝ median_m p_m",
    reference="Kittler et al., 1998",
)
def median(writer: GraphWriter) -> None:
    """Predictions side by side into their median."""
    _ordered(writer, "median")


@layout(
    title="Trimmed mean",
    family="output space",
    chinese="并联 · 截尾平均",
    summary="Each member predicts for itself; the lowest and highest probabilities of each class are left out of the mean.",
    formula="p ∝ mean of p_(k+1) … p_(M−k)",
    reference="Tumer & Ghosh, 1999",
    options={"cut": Field(ge=1, le=7, description="How many members are left out at each end.")},
    fewest=3,
)
def trimmed_mean(writer: GraphWriter, cut: int = 1) -> None:
    """Predictions side by side into their trimmed mean."""
    _ordered(writer, "trimmed-mean", cut=cut)
