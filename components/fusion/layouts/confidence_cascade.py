"""One member after the other, until one is sure."""

from __future__ import annotations

from components.fusion.class_scores import class_probabilities, in_form_of_target
from components.fusion.layout import layout
from components.fusion.operators.confidence_cascade import THRESHOLD
from components.fusion.writer import GraphWriter


@layout(
    title="Confidence cascade",
    family="output space",
    chinese="级联 · 置信度阈值",
    summary="The first member answers where it is sure enough, else the next one is asked; the last one always answers.",
    formula="p = p_1 where max p_1 ≥ τ, else p_2 where max p_2 ≥ τ, …, else p_M",
    reference="Viola & Jones, 2001; Teerapittayanon et al., 2016",
    options={"threshold": THRESHOLD},
)
def confidence_cascade(writer: GraphWriter, threshold: float = 0.9) -> None:
    """Probabilities side by side, of which the first sure one is taken."""
    scores = [class_probabilities(writer, member, "Confidence") for member in writer.members]
    writer.output(in_form_of_target(writer, writer.operate("confidence-cascade", scores, threshold=threshold)))
