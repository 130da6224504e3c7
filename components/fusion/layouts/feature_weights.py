"""Features under weights that differ from sample to sample."""

from __future__ import annotations

from components.fusion.feature_head import head_over, widest
from components.fusion.layout import layout
from components.fusion.operators.dense import HEAD_WIDTH
from components.fusion.writer import GraphWriter


@layout(
    title="Gated multimodal unit",
    family="feature space",
    chinese="并联 · 门控多模态单元",
    summary="For each sample a trained gate decides how much each member's features count under one new head.",
    formula="p = head(Σ z_m tanh(W_m h_m)), z = softmax(W_z [h_1; …; h_M])",
    reference="Arevalo et al., 2017",
    options={"head_width": HEAD_WIDTH},
)
def gated_multimodal_unit(writer: GraphWriter, head_width: int = 0) -> None:
    """Gated features under one head."""
    features = [writer.features(member) for member in writer.members]
    head_over(writer, "gated-multimodal-unit", features, head_width, units=widest(writer, features))


@layout(
    title="Attention",
    family="feature space",
    chinese="并联 · 注意力加权",
    summary="For each sample every member's features are scored, and their mean under the scores goes to one new head.",
    formula="p = head(Σ α_m P_m h_m), α = softmax(vᵀ tanh(V P_m h_m))",
    reference="Bahdanau et al., 2015; Ilse et al., 2018",
    options={"head_width": HEAD_WIDTH},
)
def attention(writer: GraphWriter, head_width: int = 0) -> None:
    """Features averaged by attention under one head."""
    features = [writer.features(member) for member in writer.members]
    head_over(writer, "attention", features, head_width, units=widest(writer, features))
