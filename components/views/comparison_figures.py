"""A comparison in pictures: curves over each other, and scores against costs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import isfinite, log10
from typing import Any, Literal

from components.fusion.dot import MEMBER_COLOURS
from components.recipe.wording import shown
from components.training.comparison.report import ComparedPoint, Contender
from components.views.curves import MARGINS, span
from components.views.figure_view import INK, SOFT_INK, Figure
from components.views.theme import member_colour, member_dash

MOST_NAMED = 12
"""Lines that a legend names; with more, a line is named where it is pointed at."""

LONGEST_NAME = 24
"""Letters of a name beside its point; the whole name stands where it is pointed at."""


@dataclass(frozen=True)
class CostAxis:
    """A cost against which scores are drawn; the scale is logarithmic. `format` writes a number, in d3's notation."""

    title: str
    value: Callable[[Contender], float | None]
    format: str = ".3~s"


COSTS: dict[str, CostAxis] = {
    "parameters": CostAxis("Weights", lambda row: row.parameters),
    "operations": CostAxis("Operations for one sample", lambda row: row.operations),
    "latency": CostAxis("Milliseconds for one sample", lambda row: row.latency, ".3~r"),
}


def curves_figure(
    points: Sequence[ComparedPoint],
    field: Literal["loss", "metric"],
    title: str,
    *,
    titles: Mapping[str, str],
    epochs: int,
) -> Figure:
    """The validation curve of every layout, each the mean over its trainings so far."""
    lines = {name: _means([point for point in points if point.contender == name], field) for name in titles}
    lines = {name: line for name, line in lines.items() if line}
    low, high = span([value for line in lines.values() for value in line.values()], [])
    legend = {"showlegend": True, "legend": {"orientation": "h", "y": -0.22}} if len(lines) <= MOST_NAMED else {}
    return {
        "data": [
            {
                "name": escape(titles[name]),
                "x": list(line),
                "y": [value if isfinite(value) else None for value in line.values()],
                "line": {"color": member_colour(index), "dash": dash_of(index), "width": 2},
                "hovertemplate": f"{escape(titles[name])} %{{y:.4g}}<extra></extra>",
            }
            for index, (name, line) in enumerate(lines.items())
        ],
        "layout": {
            "height": 340,
            "margin": MARGINS,
            "title": {"text": f"<b>{escape(title)}</b>"},
            "xaxis": {"range": [0, epochs], "title": {"text": "epoch", "font": {"size": 12}}, "showgrid": False},
            "yaxis": {"range": [low, high], "nticks": 6},
            "hovermode": "closest",
            **legend,
        },
        "alt": f"{title} over {epochs} epochs. "
        + "; ".join(f"{titles[name]} {list(line.values())[-1]:.4g}" for name, line in lines.items()),
    }


def cost_figure(rows: Sequence[Contender], cost: str, score: str) -> Figure:
    """Scores against one cost. The line joins those that no other beats in both."""
    axis = COSTS[cost]
    known = [(row, value) for row in rows if row.score is not None and (value := axis.value(row))]
    front = pareto([(value, row.score or 0.0) for row, value in known])
    best = [known[index] for index in front]
    left, right = _with_air([log10(value) for _, value in known])
    return {
        "data": [
            {
                "mode": "lines",
                "x": [value for _, value in best],
                "y": [row.score for row, _ in best],
                "line": {"color": SOFT_INK, "width": 1.2, "dash": "dot", "shape": "hv"},
                "hoverinfo": "skip",
            },
            *(
                _dots([pair for pair in known if pair[0].kind == kind], symbol, colour, score, axis.format)
                for kind, symbol, colour in (
                    ("layout", "circle", "var(--accent)"),
                    ("member", "diamond", INK),
                    ("average", "square", INK),
                )
            ),
        ],
        "layout": {
            "height": 380,
            "margin": MARGINS | {"l": 56},
            "title": {"text": f"<b>{escape(score)} against {escape(axis.title.lower())}</b>"},
            "xaxis": {
                "type": "log",
                "range": [left, right],
                "title": {"text": axis.title, "font": {"size": 12}},
                "nticks": 3,
                "tickangle": 0,
                "tickformat": axis.format,
                "showgrid": False,
            },
            "yaxis": score_axis([row.score for row, _ in known if row.score is not None]),
            "hovermode": "closest",
            "annotations": [
                {
                    "text": escape(shown(row.title, LONGEST_NAME)),
                    "x": log10(value),
                    "y": row.score,
                    "xref": "x",
                    "yref": "y",
                    "yshift": 10,
                    # Into the chart, so that no margin needs to hold the names.
                    **({"xshift": 8} if log10(value) < (left + right) / 2 else {"xshift": -8, "xanchor": "right"}),
                }
                for row, value in best
            ],
        },
        "alt": f"{score} against {axis.title}. Beaten by none in both: {', '.join(row.title for row, _ in best)}.",
    }


def score_axis(scores: Sequence[float]) -> dict[str, Any]:
    """The axis of accuracies or values of R²: it ends at 1, and begins no lower than 0 where no score does."""
    return {"nticks": 6, "maxallowed": 1, **({"minallowed": 0} if min(scores, default=0.0) >= 0 else {})}


def pareto(points: Sequence[tuple[float, float]]) -> list[int]:
    """The places of the points (cost, score) of which no other costs no more and scores no less, the cheapest first."""
    order = sorted(range(len(points)), key=lambda index: (points[index][0], -points[index][1]))
    front: list[int] = []
    for index in order:
        if not front or points[index][1] > points[front[-1]][1]:
            front.append(index)
    return front


def _means(points: Sequence[ComparedPoint], field: str) -> dict[float, float]:
    at: dict[float, list[float]] = {}
    for point in points:
        at.setdefault(point.epoch, []).append(getattr(point, field))
    return {epoch: sum(values) / len(values) for epoch, values in sorted(at.items())}


def _with_air(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values, default=0.0), max(values, default=1.0)
    air = max(0.08 * (high - low), 0.1)
    return low - air, high + air


def _dots(shown: Sequence[tuple[Contender, float]], symbol: str, colour: str, score: str, number: str) -> dict[str, Any]:
    return {
        "mode": "markers",
        "x": [value for _, value in shown],
        "y": [row.score for row, _ in shown],
        "text": [escape(row.title) for row, _ in shown],
        "marker": {"symbol": symbol, "color": colour, "size": 9},
        "error_y": {
            "array": [row.deviation or 0.0 for row, _ in shown],
            "visible": any(row.deviation for row, _ in shown),
            "color": SOFT_INK,
            "thickness": 1,
            "width": 3,
        },
        "hovertemplate": f"%{{text}}<br>{escape(score)} %{{y:.3f}}<br>%{{x:{number}}}<extra></extra>",
    }


def dash_of(index: int) -> str:
    """The dash of the line at this place: full lines while colours suffice."""
    return "solid" if index < len(MEMBER_COLOURS) else member_dash(index)
