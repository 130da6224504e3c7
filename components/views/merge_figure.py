"""The line between two members in weight space, as figures."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from components.models.weight_space.facts import Curve
from components.training.metrics import Shown
from components.views.figure_view import ACCENT, INK, SOFT_INK, Figure

COLOURS = (SOFT_INK, ACCENT, INK)
DASHES = ("dot", "solid", "dash")
"""Each curve has a colour and a dash of its own: what was done to the models before."""


def barrier_figures(curves: Sequence[Curve], names: Sequence[str], metric: Shown) -> list[Figure]:
    """Loss and metric over the share of the second member's weights, one line for each curve."""
    return [_figure(curves, names, "loss", "Loss"), _figure(curves, names, "metric", metric.title.capitalize())]


def _figure(curves: Sequence[Curve], names: Sequence[str], value: str, title: str) -> Figure:
    first, second = names
    lines = [
        {
            "x": [point.share for point in curve.points],
            "y": [getattr(point, value) for point in curve.points],
            "mode": "lines+markers",
            "name": escape(curve.title),
            "line": {"color": COLOURS[place % 3], "dash": DASHES[place % 3], "width": 2},
            "marker": {"size": 5},
        }
        for place, curve in enumerate(curves)
    ]
    layout = {
        "title": {"text": title},
        "height": 300,
        "margin": {"l": 48, "r": 16, "t": 36, "b": 88},
        "showlegend": len(curves) > 1,
        "legend": {"orientation": "h", "y": -0.42},
        "xaxis": {"title": {"text": f"share of {escape(second)}"}, "tickvals": [0, 0.5, 1]},
    }
    barriers = ", ".join(f"{curve.title}: barrier {curve.barrier:.3g}" for curve in curves)
    return {"data": lines, "layout": layout, "alt": f"{title} on the line from {first} to {second}. {barriers}."}
