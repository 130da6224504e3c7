"""A layer over the members' predictions."""

from __future__ import annotations

from pydantic import Field

from components.fusion.adapt_heads import units_of_target
from components.fusion.class_scores import class_logits, in_form_of_target
from components.fusion.layout import layout
from components.fusion.writer import GraphWriter
from components.recipe import Refusal


@layout(
    title="Stacking",
    family="output space",
    chinese="并联 · 堆叠",
    summary="Each member predicts for itself, and a trained layer over all predictions learns whom to believe in what.",
    formula="p = activation(W [z_1; …; z_M] + b)",
    reference="Wolpert, 1992; Breiman, 1996; van der Laan et al., 2007",
    options={"start": Field(description="Begin at the average of the members' logits, where all of them speak of the target.")},
)
def stacking(writer: GraphWriter, start: bool = True) -> None:
    """Logits side by side into one dense layer; where a member speaks of something else, predictions as they are."""
    stranger = _stranger(writer)
    units, activation = units_of_target(writer)
    labels = writer.data.target.task == "multilabel"
    if stranger:
        said = [writer.opinion(member) for member in writer.members]
    elif activation == "linear" or labels:
        said = [writer.prediction(member) for member in writer.members]
    else:
        units, activation = max(units, 2), "softmax"
        said = [class_logits(writer, member, "Stacking") for member in writer.members]
    fused = writer.operate("stacking", said, start=start and not stranger and not labels, units=units, activation=activation)
    if start and (stranger or labels):
        reason = f"{stranger} predicts something else than the target" if stranger else "several labels have no common logits"
        writer.note(fused, f"The layer starts at random, since {reason}.")
    writer.output(fused if stranger else in_form_of_target(writer, fused))


def _stranger(writer: GraphWriter) -> str:
    """The first member whose prediction cannot be brought into the form of the target; empty where all can."""
    for member in writer.members:
        try:
            writer.afresh().prediction(member)
        except Refusal:
            return member.name
    return ""
