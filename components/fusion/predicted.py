"""Which of a member's outputs predicts which target."""

from __future__ import annotations

from collections.abc import Sequence

from components.models.facts import Head, MemberFacts
from components.recipe import Member, Shape, Target
from components.recipe.names import slug


def predicted(member: Member, facts: MemberFacts, targets: Sequence[Target]) -> dict[str, int]:
    """The places of a member's outputs by the names of the targets that they predict.

    What the member names itself counts. Else an output is bound to the target of its own name, and what is left, in order, to
    the first target whose form it has. The one output of a member predicts the one target there is, whatever its form.
    """
    names = [target.name for target in targets]
    if member.targets:
        return {name: place for place, name in enumerate(member.targets[: len(facts.outputs)]) if name in names}
    if len(targets) == len(facts.outputs) == 1:
        return {names[0]: 0}
    places = [slug(output.name) for output in facts.outputs]
    found = {name: places.index(slug(name)) for name in names if slug(name) in places}
    if len(targets) == 1:
        return found
    heads = facts.heads or (facts.head,)
    for place, (head, output) in enumerate(zip(heads, facts.outputs, strict=False)):
        fitting = [target.name for target in targets if target.name not in found and _fits(head, output.shape, target)]
        if place not in found.values() and fitting:
            found[fitting[0]] = place
    return found


def _fits(head: Head, shape: Shape, target: Target) -> bool:
    """Whether an output has the form of a target: its units, and what its numbers mean."""
    if target.task == "regression":
        return head == "linear" and shape == (1,)
    if target.task == "multilabel":
        return head in ("sigmoid", "logits") and shape == (len(target.classes),)
    one_unit = target.task == "binary" and head == "sigmoid" and shape == (1,)
    return one_unit or (head in ("softmax", "logits") and shape == (len(target.classes),))
