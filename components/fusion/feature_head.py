"""A head over the members' features once an operator has joined them."""

from __future__ import annotations

from typing import Any

from components.fusion.adapt_heads import units_of_target
from components.fusion.member_heads import dense_heads
from components.fusion.writer import GraphWriter


def widest(writer: GraphWriter, features: list[str]) -> int:
    """How many numbers the widest of these vectors has."""
    return max(writer.signal(reference).shape[0] or 0 for reference in features)


def head_over(writer: GraphWriter, operator: str, features: list[str], **options: Any) -> None:
    """Features through an operator under a new head that starts at random."""
    units, activation = units_of_target(writer)
    joined = writer.operate(operator, features, **options)
    writer.output(writer.operate("head", [joined], units=units, activation=activation))


def head_of_first(writer: GraphWriter, operator: str, features: list[str], start: bool) -> None:
    """Features through an operator that starts at its first input, under a head.

    With `start` the head begins as the first member's own last layer, so that the fused model begins as that member. Where
    its last layer does not allow it, a note says why.
    """
    units, activation = units_of_target(writer)
    joined = writer.operate(operator, features)
    obstacle = dense_heads(writer, writer.members[:1], units, activation)
    head = writer.operate("head", [joined], start=start and not obstacle, units=units, activation=activation)
    if start and obstacle:
        writer.note(head, f"The head starts at random, since {obstacle}.")
    writer.output(head)
