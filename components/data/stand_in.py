"""Data that are not at hand yet, as the members that will be fed them suggest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from components.recipe import Data, Input, Refusal, Target

if TYPE_CHECKING:
    from components.models.facts import MemberFacts


def stand_in(members: Sequence[MemberFacts]) -> Data:
    """Data of the first member's inputs, with the target that the first member of one output predicts.

    They name no file: a fusion graph can be written for them, but nothing can be trained.

    Raises:
        Refusal: when no member has a single output, so that nothing says what is predicted.
    """
    inputs = tuple(
        Input(name=f"input-{number}", array=f"input-{number}", shape=each.shape, dtype=each.dtype)
        for number, each in enumerate(members[0].inputs, start=1)
    )
    for member in members:
        if len(member.outputs) == 1:
            return Data(sha256="", file_name="", inputs=inputs, target=_target(member))
    raise Refusal("Every member has several outputs, so the members alone do not say what is predicted. Name a dataset.")


def _target(member: MemberFacts) -> Target:
    units = member.outputs[0].shape[-1] or 1 if member.outputs[0].shape else 1
    if member.head in ("softmax", "logits"):
        return Target(name="target", task="multiclass", classes=tuple(map(str, range(units))))
    if member.head == "sigmoid" and units == 1:
        return Target(name="target", task="binary", classes=("0", "1"))
    if member.head == "sigmoid":
        return Target(name="target", task="multilabel", classes=tuple(map(str, range(units))))
    return Target(name="target", task="regression")
