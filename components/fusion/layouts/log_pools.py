"""The members' probabilities multiplied: as their geometric mean, or as they are."""

from __future__ import annotations

from pydantic import Field

from components.fusion.class_scores import class_logits, in_form_of_target
from components.fusion.layout import layout
from components.fusion.writer import GraphWriter


@layout(
    title="Logit average",
    family="output space",
    chinese="并联 · 几何平均",
    summary="Each member predicts for itself, and the logits are averaged: the geometric mean of the probabilities.",
    formula="p = softmax(Σ w_m z_m), w_m = 1/M unless given",
    reference="Genest & Zidek, 1986; Heskes, 1998",
    guarantee="With equal weights its loss is never above the mean of the members' losses.",
    options={"weights": Field(description="A fixed weight for each member, in their order. Empty: all count the same.")},
)
def logit_average(writer: GraphWriter, weights: tuple[float, ...] = ()) -> None:
    """Logits side by side into their mean."""
    logits = [class_logits(writer, member, "A logit average") for member in writer.members]
    if weights:
        mean = writer.operate("fixed-weighted-average", logits, id="logit-average", weights=weights)
        fused = writer.adapt("softmax", mean, "the target takes probabilities", mean)
    else:
        fused = writer.operate("logit-average", logits)
    writer.output(in_form_of_target(writer, fused))


@layout(
    title="Product",
    family="output space",
    chinese="并联 · 乘积",
    summary="Each member predicts for itself, and the probabilities are multiplied and brought to sum 1.",
    formula="p ∝ Π p_m",
    reference="Kittler et al., 1998",
)
def product(writer: GraphWriter) -> None:
    """Logits side by side into their sum."""
    logits = [class_logits(writer, member, "A product") for member in writer.members]
    writer.output(in_form_of_target(writer, writer.operate("product", logits)))
