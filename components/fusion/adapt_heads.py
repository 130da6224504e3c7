"""From what a member's head gives to the form that the target has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.fusion.adapt_classes import other_classes, to_target_classes
from components.fusion.adapt_labels import to_labels
from components.fusion.signals import describe
from components.recipe import Member, Refusal
from components.recipe.wording import shown

if TYPE_CHECKING:
    from components.fusion.writer import GraphWriter


def units_of_target(writer: GraphWriter) -> tuple[int, str]:
    """How many units a head for the target has, and its activation.

    Raises:
        Refusal: when the target's classes are not enough for its task.
    """
    target = writer.data.target
    if target.task == "regression":
        return 1, "linear"
    if target.task == "binary":
        if len(target.classes) != 2:
            raise Refusal(
                f"A yes/no target has 2 classes; “{shown(target.name)}” has {len(target.classes)}. Choose another task."
            )
        return 1, "sigmoid"
    if len(target.classes) < 2:
        raise Refusal(f"A classification needs 2 classes or more; “{shown(target.name)}” has {len(target.classes)}.")
    return len(target.classes), "sigmoid" if target.task == "multilabel" else "softmax"


def to_target(writer: GraphWriter, member: Member, reference: str) -> str:
    """Puts the adapters behind a member's prediction that give it the target's form.

    A regression takes one number. A yes/no target takes one probability, that of the second class. Several classes or labels
    take their probabilities, in the target's order where the member's are known by name.

    Raises:
        Refusal: when the member predicts something else.
    """
    units, activation = units_of_target(writer)
    if activation == "linear":
        return _to_number(writer, member, reference)
    if units > 1:
        return to_classes(writer, member, reference)
    if other_classes(writer, member):
        aligned = to_classes(writer, member, reference)
        return writer.adapt("second-class", aligned, "the target is yes or no", member.name)
    return _to_yes_no(writer, member, reference)


def to_classes(writer: GraphWriter, member: Member, reference: str) -> str:
    """As `to_target`, but of a yes/no target the probabilities of both classes.

    Raises:
        Refusal: when the member predicts something else.
    """
    units, activation = units_of_target(writer)
    if activation == "linear":
        return _to_number(writer, member, reference)
    if writer.data.target.task == "multilabel":
        return to_labels(writer, member, reference)
    own = other_classes(writer, member)
    if own:
        return to_target_classes(writer, member, _to_probabilities(writer, member, reference, len(own)), own)
    return _to_probabilities(writer, member, reference, max(units, 2))


def _to_number(writer: GraphWriter, member: Member, reference: str) -> str:
    signal = writer.signal(reference)
    if signal.kind in ("probabilities", "sigmoid") or signal.shape != (1,):
        raise Refusal(
            f"{member.name} gives {_said(signal.shape, signal.kind)}, and “{shown(writer.data.target.name)}” is one number. "
            "Choose a member with one linear output."
        )
    return reference


def _to_yes_no(writer: GraphWriter, member: Member, reference: str) -> str:
    signal = writer.signal(reference)
    if signal.shape == (1,) and signal.kind in ("values", "logits"):
        return writer.adapt("sigmoid", reference, f"{member.name} ends in a score and the target is yes or no", member.name)
    if signal.shape == (2,) and signal.kind == "logits":
        reference = writer.adapt("softmax", reference, f"{member.name} ends in logits", member.name)
    elif signal.shape == (2,) and signal.kind == "sigmoid":
        reference = writer.adapt("shares", reference, f"{member.name} says yes or no to each class", member.name)
    if writer.signal(reference).kind == "probabilities" and signal.shape == (2,):
        return writer.adapt(
            "second-class", reference, f"{member.name} tells two classes apart and the target is yes or no", member.name
        )
    if signal.shape == (1,) and signal.kind == "sigmoid":
        return reference
    raise _other_classes(writer, member, reference)


def _to_probabilities(writer: GraphWriter, member: Member, reference: str, units: int) -> str:
    signal = writer.signal(reference)
    if units == 2 and signal.shape == (1,) and signal.kind != "probabilities":
        if signal.kind != "sigmoid":
            reference = writer.adapt("sigmoid", reference, f"{member.name} ends in a score", member.name)
        return writer.adapt(
            "two-classes", reference, f"{member.name} gives one probability and the target has 2 classes", member.name
        )
    if signal.shape == (units,):
        if signal.kind == "logits":
            return writer.adapt(
                "softmax", reference, f"{member.name} ends in logits and the target takes probabilities", member.name
            )
        if signal.kind == "sigmoid":
            return writer.adapt("shares", reference, f"{member.name} says yes or no to each class", member.name)
        if signal.kind == "probabilities":
            return reference
    raise _other_classes(writer, member, reference)


def _other_classes(writer: GraphWriter, member: Member, reference: str) -> Refusal:
    signal = writer.signal(reference)
    target = writer.data.target
    return Refusal(
        f"{member.name} gives {_said(signal.shape, signal.kind)}, and “{shown(target.name)}” has "
        f"{len(target.classes)} classes. Choose a member trained on these classes, or a layout that takes features, such as "
        "concatenate."
    )


def _said(shape: tuple[int | None, ...], kind: str) -> str:
    if kind == "sigmoid" and shape == (1,):
        return "one yes/no probability"
    if kind in ("probabilities", "logits") and len(shape) == 1:
        return f"scores for {shape[0]} classes"
    return describe(shape)
