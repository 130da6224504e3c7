"""A member's card."""

from __future__ import annotations

from html import escape

import streamlit as st

from components.models.facts import MemberFacts
from components.recipe.wording import shown
from components.views.member_inside import member_inside
from components.views.member_words import cost, summary
from components.views.page import caption
from components.views.theme import member_colour


def member_line(facts: MemberFacts, index: int, *, name: str, note: str = "") -> None:
    """A member named on a page: the mark in its colour, its name, what it takes and gives, and `note` on the right."""
    st.html(
        f'<div class="member"><span class="stream" style="background:{member_colour(index)}"></span>'
        f"<div><h3>{escape(shown(name))}</h3><p>{escape(summary(facts))}</p></div><small>{escape(note)}</small></div>"
    )


def member_card(facts: MemberFacts, index: int, *, name: str, note: str = "", title: str = "") -> None:
    """A member's card: the line of `member_line`, what it costs, what was translated or dropped on opening, and its inside.

    `index` is its place in the recipe (its colour), `note` a word on the right such as `frozen`, `title` what a person calls it
    where that is not its name in the recipe.
    """
    member_line(facts, index, name=title or name, note=note)
    caption(f"{cost(facts)} · **{name}** in this fusion" if title and title != name else cost(facts))
    for sentence in facts.notes:
        caption(sentence)
    member_inside(facts, index)
