"""A member's card."""

from __future__ import annotations

from components.models.facts import MemberFacts


def member_card(facts: MemberFacts, index: int, *, name: str, note: str = "") -> None:
    """A member's card: its colour, name, what goes in and comes out, where it came from, notes and its layers.

    `index` is its place in the recipe (its colour), `note` a word on the right such as `frozen`.
    """
    raise NotImplementedError


def member_line(facts: MemberFacts, index: int, *, name: str, note: str = "") -> None:
    """The same on one line without notes and layers, for pages on which the members are only named."""
    raise NotImplementedError
