"""Layouts are chosen by picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence

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


def choose_layout(
    cards: Sequence[LayoutCard], selected: str, choose: Callable[[str], None], *, key: str = "layout_cards"
) -> None:
    """Shows the cards as a grid of toggle buttons named by title; `choose` is handed the name of the one that is clicked.

    It is called before the page is drawn again, so that one click is one run. In SVGs `currentColor` is ink.
    """

    def chosen() -> None:
        name = st.session_state[key].chosen
        if name in {card.name for card in cards if not card.disabled_reason}:
            choose(name)

    data = {"cards": [card.model_dump() for card in cards], "selected": selected}
    _COMPONENT(key=key, data=data, on_chosen_change=chosen)
