"""Layouts are chosen by picture."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from components.recipe import Document
from components.views import assets

_COMPONENT = st.components.v2.component(
    "tributary_layout_cards",
    html=(
        '<div class="cards" role="group" aria-label="Layouts"></div>\n'
        '<details class="why"><summary>Why are some layouts dimmed?</summary><ul></ul></details>'
    ),
    css=assets.text("scripts/layout_cards.css"),
    js=assets.text("scripts/safe_svg.js") + assets.text("scripts/layout_cards.js"),
)


class LayoutCard(Document):
    """One layout: `svg` is its river; `disabled_reason` is empty where the layout can be used, else one sentence."""

    name: str
    title: str
    svg: str
    disabled_reason: str = ""


def choose_layout(cards: Sequence[LayoutCard], selected: str, *, key: str = "layout_cards") -> str:
    """Shows the cards as a grid of toggle buttons named by title, and returns the name chosen: `selected` until one is clicked.

    The caller keeps the choice: pass what was returned as `selected` in the next run. In SVGs `currentColor` is ink.
    """
    clicked = st.session_state.get(key, {}).get("chosen")
    chosen = clicked if clicked in {card.name for card in cards if not card.disabled_reason} else selected
    data = {"cards": [card.model_dump() for card in cards], "selected": chosen}
    _COMPONENT(key=key, data=data, on_chosen_change=lambda: None)
    return chosen
