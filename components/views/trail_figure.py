"""How strongly the gradient reached each layer, when training began and when it ended."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from math import ceil, floor, isfinite, log10
from typing import Any

from components.gradients.trail import Trail
from components.recipe.wording import shown
from components.views.figure_view import INK, Figure
from components.views.theme import member_colour

ROW_HEIGHT = 26
"""Pixels a layer takes."""


def trail_figure(trail: Trail, places: Mapping[str, int]) -> Figure | None:
    """A hollow mark for each layer's first gradient norm and a full one for its last, from input to output, on a log scale.

    None where no norm was measured.

    Args:
        trail: The norms along a run.
        places: Each member's place in the recipe; what is fused is ink.
    """
    ends = {"first": trail.norms[0], "last": trail.norms[-1]} if len(trail.steps) else {}
    drawn = {name: [_drawable(float(value)) for value in norms] for name, norms in ends.items()}
    known = [value for values in drawn.values() for value in values if value is not None]
    if not known:
        return None
    colours = [member_colour(places[member]) if member in places else INK for member in trail.members]
    rows = list(range(len(trail.layers)))
    marks: list[dict[str, Any]] = [
        {
            "x": values,
            "y": rows,
            "mode": "markers",
            "marker": {
                "size": 11,
                "symbol": "circle-open" if name == "first" else "circle",
                "color": colours,
                "line": {"color": colours, "width": 2},
            },
            "hovertemplate": f"{name} %{{x:.2e}}<extra></extra>",
        }
        for name, values in drawn.items()
    ]
    exponents = [log10(value) for value in known]
    low, high = floor(min(exponents)), ceil(max(exponents))
    told = "; ".join(f"{layer} {norm:.1e}" for layer, norm in zip(trail.layers, ends["last"], strict=True))
    return {
        "data": marks,
        "layout": {
            "height": ROW_HEIGHT * len(rows) + 60,
            "margin": {"l": 150, "r": 16, "t": 8, "b": 44},
            "xaxis": {
                "type": "log",
                "range": [low - 0.1, max(high, low + 1) + 0.1],
                "tickvals": [10.0**exponent for exponent in range(low, high + 1, max(1, ceil((high - low) / 6)))],
                "tickformat": ".0e",
                "title": {"text": "gradient norm", "font": {"size": 12}},
            },
            "yaxis": {
                "tickvals": rows,
                "ticktext": [escape(shown(layer, 24)) for layer in trail.layers],
                "range": [len(rows) - 0.5, -0.5],
                "fixedrange": True,
            },
        },
        "alt": f"Gradient norm of each layer at the end of training, from input to output: {told}.",
    }


def _drawable(value: float) -> float | None:
    return value if isfinite(value) and value > 0 else None
