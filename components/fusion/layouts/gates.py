"""The first member, changed by the others step by step."""

from __future__ import annotations

from pydantic import Field

from components.fusion.feature_head import head_of_first
from components.fusion.layout import layout
from components.fusion.operators.dense import HEAD_WIDTH
from components.fusion.writer import GraphWriter

_OPTIONS = {
    "start": Field(description="Begin exactly as the first member, where its last layer allows it; head width 0 alone."),
    "head_width": HEAD_WIDTH,
}


@layout(
    title="Tanh gate",
    family="feature space",
    chinese="并联 · 门控残差",
    summary="The first member stands as it is, and training opens a gate through which the others add to its features.",
    formula="p = head(h_1 + tanh(α) C h_2), α = 0 at the start",
    reference="Alayrac et al., 2022",
    options=_OPTIONS,
)
def tanh_gate(writer: GraphWriter, start: bool = True, head_width: int = 0) -> None:
    """Features of the first member and, gated, of the others under one head."""
    head_of_first(writer, "tanh-gate", [writer.features(member) for member in writer.members], head_width, start)


@layout(
    title="FiLM",
    family="feature space",
    chinese="并联 · 特征线性调制",
    summary="The first member stands as it is, and training lets the others scale and shift each of its features.",
    formula="p = head(γ(h_2) ⊙ h_1 + β(h_2)), γ = 1 and β = 0 at the start",
    reference="Perez et al., 2018",
    options=_OPTIONS,
)
def film(writer: GraphWriter, start: bool = True, head_width: int = 0) -> None:
    """Features of the first member, modulated by the others, under one head."""
    head_of_first(writer, "film", [writer.features(member) for member in writer.members], head_width, start)
