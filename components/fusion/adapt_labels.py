"""From what a member's head gives to several labels, each of them yes or no."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.fusion.adapt_classes import other_classes, to_target_classes
from components.fusion.signals import describe
from components.recipe import Member, Refusal
from components.recipe.wording import shown

if TYPE_CHECKING:
    from components.fusion.writer import GraphWriter


def to_labels(writer: GraphWriter, member: Member, reference: str) -> str:
    """A probability for each of the target's labels; where the member's labels are known by name, in the target's order.

    Raises:
        Refusal: when the member has not one yes or no for each label; shares that sum to 1 are none.
    """
    target, own = writer.data.target, other_classes(writer, member)
    signal, units = writer.signal(reference), len(own or writer.data.target.classes)
    if signal.shape != (units,) or signal.kind == "probabilities":
        said = "class probabilities that sum to 1" if signal.kind == "probabilities" else describe(signal.shape)
        raise Refusal(
            f"{member.name} gives {said}, and “{shown(target.name)}” has {len(target.classes)} labels, each yes or no. Choose "
            "a member with a yes or no for each label, or a layout that takes features, such as concatenate."
        )
    if signal.kind != "sigmoid":
        reason = f"{member.name} ends in scores and each label is yes or no"
        reference = writer.adapt("sigmoid", reference, reason, member.name)
    return to_target_classes(writer, member, reference, own) if own else reference
