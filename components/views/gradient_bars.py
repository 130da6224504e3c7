"""Gradient norms as bars: one figure a layout, all on one scale."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from math import ceil, floor, isfinite, log10
from typing import Any

import streamlit as st

from components.gradients.report import GradientReport, LayerGradient
from components.recipe.wording import shown
from components.views.figure_view import INK, SOFT_INK, Figure, show_figures
from components.views.page import panel
from components.views.theme import member_colour

ROW_HEIGHT = 30
"""Pixels a layer takes."""

HATCHES = {"": (), "/": (135,), "\\": (45,), "x": (45, 135), "-": (0,), "|": (90,)}
"""Bar patterns by member, the second channel beside colour, with the angles of their lines in degrees for the legend."""


def _drawable(layer: LayerGradient) -> bool:
    return layer.norm is not None and isfinite(layer.norm) and layer.norm > 0


def gradient_range(reports: Sequence[GradientReport]) -> tuple[int, int]:
    """The exponents of ten between which all norms of the reports lie: the axis that small multiples share.

    One decade is left free below the smallest norm, so that its bar has a length. Without any norm it is 10⁻³ to 1.
    """
    exponents = [
        log10(layer.norm) for report in reports for layer in report.layers if layer.norm is not None and _drawable(layer)
    ]
    if not exponents:
        return -3, 0
    return floor(min(exponents)) - 1, max(ceil(max(exponents)), floor(min(exponents)) + 1)


def _label(layer: LayerGradient) -> str:
    """What stands at the bar's end: the norm, or the word for why there is no bar."""
    if layer.norm is None:
        return "frozen" if layer.verdict == "frozen" else "none"
    return f"{layer.norm:.1e}" if isfinite(layer.norm) else "not a number"


def _hatch(place: int) -> str:
    return list(HATCHES)[place % len(HATCHES)]


def legend_html(places: Mapping[str, int]) -> str:
    """Which bars are whose: each member with its colour and pattern, and what is fused."""
    entries = []
    for member, place in places.items():
        lines = [f"repeating-linear-gradient({angle}deg, #fff6 0 1.5px, #0000 0 6px), " for angle in HATCHES[_hatch(place)]]
        ground = f"background: {''.join(lines)}linear-gradient({member_colour(place)} 0 100%)"
        entries.append(f'<li><i style="{ground}"></i>{escape(shown(member))}</li>')
    return f'<ul class="legend">{"".join(entries)}<li><i style="background: {INK}"></i>fused</li></ul>'


def _short_name(layer: LayerGradient) -> str:
    """The layer without its member's prefix, which colour and pattern say already."""
    name = re.sub(rf"^{re.escape(layer.member)}[._/]", "", layer.layer) if layer.member else layer.layer
    return name if len(name) <= 22 else name[:21] + "…"


def gradient_figure(report: GradientReport, places: Mapping[str, int], exponents: tuple[int, int]) -> Figure:
    """Horizontal bars, one a layer from input to output, whose ends lie at the gradient's norm on a logarithmic axis.

    `places` gives each member's place in the recipe; what is fused is ink. `exponents` is the axis, from `gradient_range`.
    """
    low, high = exponents
    ticks = range(low, high + 1, max(1, ceil((high - low) / 4)))
    rows = list(range(len(report.layers)))
    bars: list[dict[str, Any]] = []
    for member in dict.fromkeys(layer.member for layer in report.layers):
        mine = [row for row in rows if report.layers[row].member == member]
        drawn = [row for row in mine if _drawable(report.layers[row])]
        place = places.get(member, 0) if member is not None else None
        bars.append(
            {
                "type": "bar",
                "orientation": "h",
                "name": escape(member) if member is not None else "fused",
                "y": drawn,
                "base": [10.0**low] * len(drawn),
                "x": [(report.layers[row].norm or 0.0) - 10.0**low for row in drawn],
                "width": 0.62,
                "marker": {
                    "color": INK if place is None else member_colour(place),
                    "cornerradius": 4,
                    "line": {"color": INK, "width": 0.6},
                    "pattern": {
                        "shape": "" if place is None else _hatch(place),
                        "bgcolor": INK if place is None else member_colour(place),
                        "fgcolor": "rgba(255,255,255,0.4)",
                        "size": 6,
                    },
                },
                "hoverinfo": "skip",
            }
        )
    words = [
        {
            "x": log10(layer.norm) if layer.norm is not None and _drawable(layer) else low,
            "y": row,
            "text": _label(layer),
            "xshift": 5,
            "font": {"color": INK if _drawable(layer) else SOFT_INK, "size": 12},
        }
        for row, layer in zip(rows, report.layers, strict=True)
    ]
    said = "; ".join(f"{layer.layer} {_label(layer)}" for layer in report.layers)
    return {
        "data": bars,
        "layout": {
            "height": ROW_HEIGHT * len(rows) + 50,
            "margin": {"l": 110, "r": 62, "t": 6, "b": 36},
            "barmode": "overlay",
            "bargap": 0.3,
            "xaxis": {
                "type": "log",
                "range": [low, high],
                "tickvals": [10.0**exponent for exponent in ticks],
                "ticktext": [f"1e{exponent}" for exponent in ticks],
            },
            "yaxis": {
                "tickvals": rows,
                "ticktext": [escape(_short_name(layer)) for layer in report.layers],
                "range": [len(rows) - 0.5, -0.5],
                "showgrid": False,
                "fixedrange": True,
            },
            "annotations": words,
            "hovermode": False,
        },
        "alt": f"Gradient norm of each layer under {report.title}, from input to output: {said}.",
    }


def show_gradients(reports: Sequence[GradientReport], places: Mapping[str, int], *, key: str = "gradients") -> None:
    """A legend, then small multiples on one scale, two a row: title, verdict, summary, bars, and the numbers as a table."""
    exponents = gradient_range(reports)
    st.html(legend_html(places))
    for first in range(0, len(reports), 2):
        for column, report in zip(st.columns(2), reports[first : first + 2], strict=False):
            with column, panel(report.title, verdict=report.verdict, sentence=report.summary, key=f"{key}-{report.layout}"):
                show_figures([gradient_figure(report, places, exponents)], key=f"{key}_{report.layout}")
                with st.expander("The numbers behind the bars"):
                    st.dataframe([layer.model_dump() for layer in report.layers], hide_index=True)
