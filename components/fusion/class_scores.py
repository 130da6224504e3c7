"""The members' predictions as rules over classes take them, and back to the form that the target has."""

from __future__ import annotations

from components.fusion.adapt_classes import other_classes, to_target_classes
from components.fusion.adapt_heads import units_of_target
from components.fusion.writer import GraphWriter
from components.recipe import Member, Refusal
from components.recipe.wording import shown


def class_probabilities(writer: GraphWriter, member: Member, rule: str) -> str:
    """The probabilities of all classes; `rule` begins the sentence of a refusal.

    Raises:
        Refusal: when the target is a number, or several labels at once.
    """
    _require_classes(writer, rule)
    return writer.scores(member)


def class_logits(writer: GraphWriter, member: Member, rule: str) -> str:
    """The logits of all classes: the member's own where it ends in them, else the logarithms of its probabilities.

    Raises:
        Refusal: when the target is a number, or several labels at once.
    """
    _require_classes(writer, rule)
    facts = writer.facts(member)
    own, wanted = other_classes(writer, member), max(units_of_target(writer)[0], 2)
    shapes = [output.shape for output in facts.outputs]
    if facts.head == "logits" and not own and shapes == [(wanted,)]:
        return writer.branch(member, "prediction")
    if facts.head == "logits" and own and set(own) >= set(writer.data.target.classes):
        return to_target_classes(writer, member, writer.branch(member, "prediction"), own)
    return writer.adapt(
        "log", writer.scores(member), f"{member.name} gives probabilities and the rule takes logits", member.name
    )


def in_form_of_target(writer: GraphWriter, reference: str) -> str:
    """What a rule over classes gives, in the form that the target has: of a yes/no target the probability of yes."""
    if writer.data.target.task == "binary":
        return writer.adapt("second-class", reference, "the target is yes or no", reference)
    return reference


def _require_classes(writer: GraphWriter, rule: str) -> None:
    target = writer.data.target
    if target.task == "regression":
        raise Refusal(
            f"{rule} is taken over classes, and “{shown(target.name)}” is one number. Choose average or median instead."
        )
    if target.task == "multilabel":
        raise Refusal(
            f"{rule} is taken over classes of which one is right, and several labels of “{shown(target.name)}” can be right at "
            "once. Choose average or median instead."
        )
