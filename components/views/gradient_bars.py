"""Gradients as bars: one figure a layout, all on one scale."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from math import ceil, floor, isfinite, log10
from typing import Any

import streamlit as st

from components.gradients import table
from components.gradients.measures import MEASURES
from components.gradients.report import GradientReport, LayerGradient
from components.recipe.wording import shown
from components.views.figure_view import INK, SOFT_INK, Figure, show_figures
from components.views.page import caption, panel
from components.views.theme import member_colour

ROW_HEIGHT = 30
"""Pixels a layer takes."""
LETTER, NARROWEST = 7, 110
"""Pixels that a letter of a layer's name takes at most, and that all names take at least."""

HATCHES = {"": (), "/": (135,), "\\": (45,), "x": (45, 135), "-": (0,), "|": (90,)}
"""Bar patterns by member, the second channel beside colour, with the angles of their lines in degrees for the legend."""


def _drawable(value: float | None) -> bool:
    return value is not None and isfinite(value) and value > 0


def gradient_range(reports: Sequence[GradientReport], measure: str = "norm") -> tuple[int, int]:
    """The exponents of ten between which a measure lies in all reports: the axis that small multiples share.

    One decade is left free below the smallest value, so that its bar has a length. Without any value it is 10⁻³ to 1.
    """
    values = [MEASURES[measure].value(layer) for report in reports for layer in report.layers]
    exponents = [log10(value) for value in values if value is not None and _drawable(value)]
    if not exponents:
        return -3, 0
    return floor(min(exponents)) - 1, max(ceil(max(exponents)), floor(min(exponents)) + 1)


def label(layer: LayerGradient, value: float | None) -> str:
    """A layer's value of a measure in few characters, or the word for why there is none."""
    if value is None:
        return "frozen" if layer.verdict == "frozen" else "none"
    return norm_text(value) if isfinite(value) else "not a number"


def norm_text(value: float) -> str:
    """A norm in two digits, and nothing as `0`."""
    return f"{value:.1e}" if value else "0"


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


def names_width(reports: Sequence[GradientReport]) -> int:
    """Pixels left of the bars for the longest name in all reports, so that small multiples begin at one place."""
    return max([NARROWEST, *(LETTER * len(_short_name(layer)) + 10 for report in reports for layer in report.layers)])


def gradient_figure(
    report: GradientReport,
    places: Mapping[str, int],
    exponents: tuple[int, int],
    measure: str = "norm",
    left: int = NARROWEST,
) -> Figure:
    """Horizontal bars, one a layer from input to output, whose ends lie at its value of a measure on a logarithmic axis.

    `places` gives each member's place in the recipe; what is fused is ink. `exponents` is the axis, from `gradient_range`, and
    `left` the place of the layers' names in pixels, from `names_width`.
    """
    low, high = exponents
    ticks = range(low, high + 1, max(1, ceil((high - low) / 4)))
    rows = list(range(len(report.layers)))
    values = [MEASURES[measure].value(layer) for layer in report.layers]
    drawable = [value if value is not None and _drawable(value) else None for value in values]
    bars: list[dict[str, Any]] = []
    for member in dict.fromkeys(layer.member for layer in report.layers):
        mine = [row for row in rows if report.layers[row].member == member]
        drawn = [row for row in mine if drawable[row] is not None]
        place = places.get(member, 0) if member is not None else None
        bars.append(
            {
                "type": "bar",
                "orientation": "h",
                "name": escape(member) if member is not None else "fused",
                "y": drawn,
                "base": [10.0**low] * len(drawn),
                "x": [(drawable[row] or 0.0) - 10.0**low for row in drawn],
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
            "x": low if drawable[row] is None else log10(drawable[row] or 1.0),
            "y": row,
            "text": label(report.layers[row], values[row]),
            "xshift": 5,
            "font": {"color": SOFT_INK if drawable[row] is None else INK, "size": 12},
        }
        for row in rows
    ]
    said = "; ".join(f"{layer.layer} {label(layer, value)}" for layer, value in zip(report.layers, values, strict=True))
    return {
        "data": bars,
        "layout": {
            "height": ROW_HEIGHT * len(rows) + 50,
            "margin": {"l": left, "r": 62, "t": 6, "b": 36},
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
        "alt": f"{MEASURES[measure].title} of each layer under {report.title}, from input to output: {said}.",
    }


def show_gradients(
    reports: Sequence[GradientReport], places: Mapping[str, int], measure: str = "norm", *, key: str = "gradients"
) -> None:
    """A legend, then small multiples on one scale, two a row: title, verdict, summary, bars, what can be done, the numbers."""
    exponents, left = gradient_range(reports, measure), names_width(reports)
    st.html(legend_html(places))
    for first in range(0, len(reports), 2):
        for column, report in zip(st.columns(2), reports[first : first + 2], strict=False):
            with column, panel(report.title, verdict=report.verdict, sentence=report.summary, key=f"{key}-{report.layout}"):
                show_figures([gradient_figure(report, places, exponents, measure, left)], key=f"{key}_{report.layout}")
                remedies = dict.fromkeys(layer.remedy for layer in report.layers if layer.verdict == report.verdict)
                if any(remedies) and report.verdict != "frozen":
                    caption(f"**What can be done.** {' '.join(remedies)}")
                with st.expander("The numbers behind the bars"):
                    st.dataframe(table.rows(report), hide_index=True)
