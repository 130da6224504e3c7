"""Plotly figures in the browser, drawn by the vendored library: they follow the theme, and a zoom survives new data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypedDict

import streamlit as st

from components.views import assets, library

_COMPONENT = st.components.v2.component(
    "tributary_figures",
    html='<i class="probe" hidden></i>\n<div class="figures"></div>',
    css=assets.text("scripts/figures.css"),
    js=library.drawing_script("figures"),
    isolate_styles=False,
)

INK, SOFT_INK, ACCENT = "var(--ink)", "var(--soft-ink)", "var(--accent)"
"""Colours that the browser looks up in the theme of the moment."""


class Figure(TypedDict):
    """A Plotly figure as plain values, and the sentence that stands for it where it cannot be seen.

    `layout` says only where the figure differs from what `assets/scripts/figures.js` gives to all.
    """

    data: list[dict[str, Any]]
    layout: dict[str, Any]
    alt: str


def show_figures(figures: Sequence[Figure], *, key: str, run: str = "", points: int | None = None) -> None:
    """Draws figures side by side, below each other on a phone. The zoom is kept while `run` stays the same.

    `points` is written on the root element as `data-points`.
    """
    library.mount("figures", key)
    _COMPONENT(key=key, data={"figures": list(figures), "run": run, "points": points})
