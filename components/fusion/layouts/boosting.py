"""Each member corrects what the ones before it leave."""

from __future__ import annotations

from components.fusion.adapt_heads import units_of_target
from components.fusion.class_scores import class_logits, in_form_of_target
from components.fusion.layout import layout
from components.fusion.operators.boosting import RATE
from components.fusion.writer import GraphWriter


@layout(
    title="Boosting",
    family="chains",
    chinese="提升 · 残差学习",
    summary="The first member stands as it is, and the last one is trained to correct what the others leave wrong.",
    formula="F = f_1 + ν (f_2 + … + f_M), trained in f_M alone; of classes in their logits",
    reference="Friedman, 2001",
    options={"rate": RATE},
)
def boosting(writer: GraphWriter, rate: float = 0.1) -> None:
    """Logits or numbers added up, with a gradient to the last member alone."""
    if units_of_target(writer)[1] == "linear":
        writer.output(writer.operate("boosting", [writer.prediction(member) for member in writer.members], rate=rate))
        return
    logits = [class_logits(writer, member, "Boosting") for member in writer.members]
    total = writer.operate("boosting", logits, rate=rate)
    probabilities = writer.adapt("softmax", total, "the target takes probabilities", total)
    writer.output(in_form_of_target(writer, probabilities))
