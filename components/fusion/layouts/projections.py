"""Features in one space, added, multiplied or subtracted."""

from __future__ import annotations

from components.fusion.feature_head import head_over, widest
from components.fusion.layout import layout
from components.fusion.operators.dense import HEAD_WIDTH
from components.fusion.writer import GraphWriter


@layout(
    title="Add",
    family="feature space",
    chinese="并联 · 特征相加",
    summary="Each member is cut before its last layer; their features are brought to one width and added under one new head.",
    formula="p = head(Σ P_m h_m)",
    reference="Feichtenhofer et al., 2016",
    options={"head_width": HEAD_WIDTH},
)
def add(writer: GraphWriter, head_width: int = 0) -> None:
    """The sum of projected features under one head."""
    features = [writer.features(member) for member in writer.members]
    head_over(writer, "add", features, head_width, units=widest(writer, features))


@layout(
    title="Multiply",
    family="feature space",
    chinese="并联 · 特征相乘",
    summary="Each member is cut before its last layer; their features are brought to one width and multiplied entry by entry.",
    formula="p = head(P_1 h_1 ⊙ … ⊙ P_M h_M)",
    reference="Kim et al., 2017",
    options={"head_width": HEAD_WIDTH},
)
def multiply(writer: GraphWriter, head_width: int = 0) -> None:
    """The product of projected features under one head."""
    features = [writer.features(member) for member in writer.members]
    head_over(writer, "multiply", features, head_width, units=widest(writer, features))


@layout(
    title="Subtract",
    family="feature space",
    chinese="并联 · 特征相减",
    summary="Each member is cut before its last layer; what the others' features say is taken away from the first one's.",
    formula="p = head(P_1 h_1 − Σ_{m>1} P_m h_m)",
    reference="Mou et al., 2016",
    options={"head_width": HEAD_WIDTH},
)
def subtract(writer: GraphWriter, head_width: int = 0) -> None:
    """The difference of projected features under one head."""
    features = [writer.features(member) for member in writer.members]
    head_over(writer, "subtract", features, head_width, units=widest(writer, features))
