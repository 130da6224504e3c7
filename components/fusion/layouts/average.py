"""Every member has the same say."""

from __future__ import annotations

from components.fusion.layout import layout
from components.fusion.writer import GraphWriter


@layout(
    title="Average",
    family="output space",
    chinese="并联 · 平均",
    summary="Each member predicts for itself, and the predictions are averaged.",
    formula="p = (1/M) Σ p_m",
    reference="Hansen & Salamon, 1990; Lakshminarayanan et al., 2017",
    guarantee="Its loss is never above the mean of the members' losses.",
)
def average(writer: GraphWriter) -> None:
    """Predictions side by side into their mean."""
    writer.output(writer.operate("average", [writer.prediction(member) for member in writer.members]))
