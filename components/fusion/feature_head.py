"""A head over the members' features once an operator has joined them."""

from __future__ import annotations

from typing import Any

from components.fusion.adapt_heads import units_of_target
from components.fusion.member_heads import dense_heads
from components.fusion.writer import GraphWriter


def widest(writer: GraphWriter, features: list[str]) -> int:
    """How many numbers the widest of these vectors has."""
    return max(writer.signal(reference).shape[0] or 0 for reference in features)


def trained_head(writer: GraphWriter, features: str, head_width: int, obstacle: str | None = None) -> None:
    """Ends the graph in a new head over features, the same for every layout that has one.

    Args:
        writer: Writes the graph.
        features: A vector.
        head_width: Rectified units of a hidden layer before the output; 0 for none.
        obstacle: Why the head cannot start from the members' own last layers, as the end of a sentence; empty where it can,
            None where it is not to. A hidden layer is such an obstacle too, since the members have none there.
    """
    units, activation = units_of_target(writer)
    if obstacle == "" and head_width:
        obstacle = "it has a hidden layer"
    head = writer.operate("head", [features], start=obstacle == "", units=units, activation=activation, hidden=head_width)
    if obstacle:
        writer.note(head, f"The head starts at random, since {obstacle}.")
    writer.output(head)


def head_over(writer: GraphWriter, operator: str, features: list[str], head_width: int, **options: Any) -> None:
    """Features through an operator under a new head that starts at random."""
    trained_head(writer, writer.operate(operator, features, **options), head_width)


def head_of_first(writer: GraphWriter, operator: str, features: list[str], head_width: int, start: bool) -> None:
    """Features through an operator that starts at its first input, under a head.

    With `start` the head begins as the first member's own last layer, so that the fused model begins as that member. Where
    its last layer does not allow it, a note says why.
    """
    joined = writer.operate(operator, features)
    obstacle = dense_heads(writer, writer.members[:1], *units_of_target(writer)) if start else None
    trained_head(writer, joined, head_width, obstacle)
