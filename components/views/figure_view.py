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

INK, SOFT_INK, LINE, ACCENT, PANEL = "var(--ink)", "var(--soft-ink)", "var(--line)", "var(--accent)", "var(--panel)"
"""Colours that the browser looks up in the theme of the moment."""


class Figure(TypedDict):
    """A Plotly figure as plain values, and the sentence that stands for it where it cannot be seen."""

    data: list[dict[str, Any]]
    layout: dict[str, Any]
    alt: str


def base_layout(height: int, **more: Any) -> dict[str, Any]:
    """The layout that all figures share: no ground of its own, hairline grid, one title at the left. `height` is in pixels."""
    return {
        "height": height,
        "margin": {"l": 48, "r": 16, "t": 34, "b": 44},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": SOFT_INK},
        "showlegend": False,
        "hoverlabel": {"bgcolor": PANEL, "bordercolor": LINE, "font": {"color": INK}},
        "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": SOFT_INK, "activecolor": ACCENT},
    } | more


def axis(**more: Any) -> dict[str, Any]:
    """An axis with a hairline grid and no zero line."""
    return {"gridcolor": LINE, "linecolor": LINE, "zeroline": False, "automargin": True} | more


def show_figures(figures: Sequence[Figure], *, key: str, run: str = "", points: int | None = None) -> None:
    """Draws figures side by side, below each other on a phone. The zoom is kept while `run` stays the same.

    `points` is written on the root element as `data-points`.
    """
    library.mount("figures", key)
    _COMPONENT(key=key, data={"figures": list(figures), "run": run, "points": points})
