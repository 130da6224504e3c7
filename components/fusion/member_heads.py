"""Whether a head over features can start from the members' own last layers."""

from __future__ import annotations

from collections.abc import Sequence

from components.fusion.adapt_classes import other_classes
from components.fusion.inference import cut_row
from components.fusion.writer import GraphWriter
from components.models.facts import MemberFacts
from components.recipe import Member

_SPEAKS = {
    "softmax": {"softmax", "logits"},
    "sigmoid": {"sigmoid", "linear", "softmax", "logits"},
    "linear": {"linear"},
    "labels": {"sigmoid", "logits"},
}
"""For each activation of a head, and for several labels at once: the heads of members whose logits mean the same."""


def dense_heads(writer: GraphWriter, members: Sequence[Member], units: int, activation: str) -> str:
    """Why a head cannot start at these members' logit average, as the end of a sentence; empty where it can."""
    for member in members:
        facts = writer.facts(member)
        if writer.predicts(member) is None:
            return f"{member.name} does not predict the target"
        row = cut_row(member, facts)
        if facts.cut_layer is None or row is None or row.name != facts.cut_layer:
            return f"{member.name} is not cut right before its last dense layer"
        if len(row.shape) != 1:
            return f"the features of {member.name} are not a plain vector"
        if activation != "linear" and other_classes(writer, member):
            return f"{member.name} has other classes than the target, or the same in another order"
        given = facts.outputs[0].shape
        alike = given == (units,) or (
            activation == "sigmoid" and units == 1 and given == (2,) and facts.head in ("softmax", "logits")
        )
        if facts.head not in _SPEAKS["labels" if activation == "sigmoid" and units > 1 else activation] or not alike:
            return f"the last layer of {member.name} speaks of something else than the target"
        if not _ends_in_dense(facts):
            return f"{member.name} does not end in a dense layer"
    return ""


def _ends_in_dense(facts: MemberFacts) -> bool:
    """Whether nothing but an activation stands behind the last dense layer, and that layer is the member's own."""
    dense = [place for place, row in enumerate(facts.layers) if row.kind == "Dense"]
    if not dense or "/" in facts.layers[dense[-1]].name:
        return False
    return all(row.kind in ("Activation", "Softmax") for row in facts.layers[dense[-1] + 1 :])
