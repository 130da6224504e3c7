"""Members count differently, by weights learned or given."""

from __future__ import annotations

from pydantic import Field

from components.fusion.layout import layout
from components.fusion.writer import GraphWriter


@layout(
    title="Weighted average",
    family="output space",
    chinese="并联 · 加权平均",
    summary="Each member predicts for itself, and training learns how much each one counts.",
    formula="p = Σ w_m p_m with w = softmax(a)",
    reference="Perrone & Cooper, 1993",
    options={"weights": Field(description="A fixed weight for each member, in their order. Empty: the weights are learned.")},
)
def weighted_average(writer: GraphWriter, weights: tuple[float, ...] = ()) -> None:
    """Predictions side by side into their weighted mean."""
    predictions = [writer.prediction(member) for member in writer.members]
    if weights:
        fused = writer.operate("fixed-weighted-average", predictions, id="weighted-average", weights=weights)
    else:
        fused = writer.operate("weighted-average", predictions)
    writer.output(fused)
