"""The learning rate of a run over its epochs: a thin chart, where it changes at all."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from components.training.events import Point
from components.views.figure_view import INK, Figure

MOST_POINTS = 80


def rate_figure(points: Sequence[Point], *, epochs: int, height: int = 110) -> Figure | None:
    """The learning rate over epochs; None where it was the same all the time."""
    known = [point for point in points if point.learning_rate is not None]
    if len({point.learning_rate for point in known}) < 2:
        return None
    shown = [known[index] for index in np.unique(np.linspace(0, len(known) - 1, MOST_POINTS).astype(int))]
    return {
        "data": [
            {
                "name": "learning rate",
                "x": [round(point.epoch, 2) for point in shown],
                "y": [float(f"{point.learning_rate:.4g}") for point in shown],
                "line": {"color": INK, "width": 1.1},
                "hovertemplate": "learning rate %{y:.4g}<extra></extra>",
            }
        ],
        "layout": {
            "height": height,
            "margin": {"l": 44, "r": 16, "t": 30, "b": 24},
            "title": {"text": "<b>Learning rate</b>"},
            "xaxis": {"range": [0, epochs], "showgrid": False},
            "yaxis": {"nticks": 3, "rangemode": "tozero", "exponentformat": "power"},
            "hovermode": "x unified",
        },
        "alt": f"Learning rate over {epochs} epochs. Latest: {known[-1].learning_rate:.4g}.",
    }
