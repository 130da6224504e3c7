"""Layouts are chosen by picture."""

from __future__ import annotations

from components.recipe import Document


class LayoutCard(Document):
    """One layout: `svg` is its river; `disabled_reason` is empty where the layout can be used, else one sentence."""

    name: str
    title: str
    svg: str
    disabled_reason: str = ""


def choose_layout(cards: list[LayoutCard], selected: str, *, key: str = "layout_cards") -> str:
    """Shows the cards as a grid of toggle buttons named by title, and returns the name chosen: `selected` until one is clicked.

    The caller keeps the choice: pass what was returned as `selected` in the next run.
    """
    raise NotImplementedError
