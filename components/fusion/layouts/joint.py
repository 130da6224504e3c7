"""One model with an input and an output for each member."""

from __future__ import annotations

from components.fusion.layout import layout
from components.fusion.writer import GraphWriter


@layout(
    title="Joint",
    family="joint",
    chinese="联合 · 多输入多输出",
    summary="The members stay side by side in one model, each with an input and an output of its own, and train together.",
    formula="[x_1, …, x_M] → [p_1, …, p_M], L = Σ L_m",
    reference="Caruana, 1997",
)
def joint(writer: GraphWriter) -> None:
    """An input, a branch and an output for each member; every output learns the same target."""
    for member in writer.members:
        prediction = writer.prediction(member, writer.inputs(member, apart=True))
        writer.output(prediction, id=f"prediction-{member.name}")
