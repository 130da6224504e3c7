"""Features that change each other's meaning: every pair of them, or all members at once."""

from __future__ import annotations

from pydantic import Field

from components.fusion.feature_head import head_over
from components.fusion.layout import layout
from components.fusion.operators.dense import HEAD_WIDTH
from components.fusion.writer import GraphWriter

_UNITS = Field(ge=1, le=4096, description="How many numbers the head sees.")


@layout(
    title="Bilinear",
    family="feature space",
    chinese="并联 · 双线性交互",
    summary="Every pair of a feature of the first member and one of another gets a weight of its own, under one new head.",
    formula="p = head(h_1ᵀ W h_2 + U [h_1; h_2] + b)",
    reference="Jayakumar et al., 2020",
    options={"units": _UNITS, "head_width": HEAD_WIDTH},
)
def bilinear(writer: GraphWriter, units: int = 32, head_width: int = 0) -> None:
    """A bilinear interaction of features under one head."""
    head_over(writer, "bilinear", [writer.features(member) for member in writer.members], head_width, units=units)


@layout(
    title="Tensor fusion",
    family="feature space",
    chinese="并联 · 张量融合",
    summary="Every feature of each member is multiplied with every feature of every other, all of it under one new head.",
    formula="p = head(vec([1; h_1] ⊗ … ⊗ [1; h_M]))",
    reference="Zadeh et al., 2017",
    options={"head_width": HEAD_WIDTH},
)
def tensor_fusion(writer: GraphWriter, head_width: int = 0) -> None:
    """The outer product of features under one head."""
    head_over(writer, "tensor-fusion", [writer.features(member) for member in writer.members], head_width)


@layout(
    title="Low-rank tensor",
    family="feature space",
    chinese="并联 · 低秩张量融合",
    summary="The features of all members are multiplied with each other through a few factors, under one new head.",
    formula="p = head(Σ_r w_r Π_m F_m^(r) [h_m; 1] + b)",
    reference="Liu et al., 2018",
    options={
        "units": _UNITS,
        "rank": Field(ge=1, le=64, description="How many factors stand for the whole tensor."),
        "head_width": HEAD_WIDTH,
    },
)
def low_rank_tensor_fusion(writer: GraphWriter, units: int = 32, rank: int = 4, head_width: int = 0) -> None:
    """A low-rank tensor product of features under one head."""
    features = [writer.features(member) for member in writer.members]
    head_over(writer, "low-rank-tensor-fusion", features, head_width, units=units, rank=rank)
