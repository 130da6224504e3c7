"""Members that know different classes, together over all of them."""

from __future__ import annotations

from components.fusion.adapt_classes import other_classes
from components.fusion.class_scores import class_probabilities, in_form_of_target
from components.fusion.layout import layout
from components.fusion.writer import GraphWriter
from components.recipe import Refusal
from components.recipe.wording import shown


@layout(
    title="Union of label sets",
    family="output space",
    chinese="并联 · 标签并集",
    summary="Members that know different classes answer together: each class takes the largest probability it is given.",
    formula="p_k ∝ max over the members that know class k of p_m(k)",
    reference="Wu, Liu & Zhou, 2019",
)
def union(writer: GraphWriter) -> None:
    """Probabilities of each member's classes, brought into the target's order, into their maximum."""
    scores = [class_probabilities(writer, member, "A union of label sets") for member in writer.members]
    target = writer.data.target
    known = {name for member in writer.members for name in other_classes(writer, member) or target.classes}
    unknown = [name for name in target.classes if name not in known]
    if unknown:
        raise Refusal(
            f"None of the members knows the class “{shown(unknown[0])}” of “{shown(target.name)}”. Add a member trained on it."
        )
    writer.output(in_form_of_target(writer, writer.operate("union", scores)))
