"""The curves of a run as figures: what is drawn, apart from how it reaches the browser."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import pairwise
from math import isfinite
from typing import Any, Literal

import numpy as np

from components.recipe import Document
from components.training.events import Point
from components.views.figure_view import ACCENT, INK, SOFT_INK, Figure
from components.views.theme import member_colour, member_dash

BUCKETS = 40
"""A line is sent as at most twice as many points: the lowest and the highest loss of each bucket."""

MARGINS = {"l": 44, "r": 16, "t": 34, "b": 44}
NAME_HEIGHT, LETTER_WIDTH, MARK_WIDTH = 16, 6.6, 26
"""Pixels: from the name of one baseline to the next, a letter of it, and the mark before it."""


class Baseline(Document):
    """What a member alone, or the plain average (`index` None), reaches: a dashed line named at its end."""

    name: str
    index: int | None
    loss: float | None
    metric: float | None


def thinned(points: Sequence[Point], buckets: int = BUCKETS) -> list[Point]:
    """At most two points a bucket, in order: those of lowest and highest loss, and always the first and the last point.

    A loss that is not a number counts as both, so that the gap it leaves is kept.
    """
    if len(points) <= 2 * buckets:
        return list(points)
    losses = np.array([point.loss for point in points])
    starts = np.linspace(0, len(points), buckets, dtype=int)
    keep = {0, len(points) - 1}
    for start, stop in pairwise(starts):
        keep |= {start + int(losses[start:stop].argmin()), start + int(losses[start:stop].argmax())}
    return [points[index] for index in sorted(keep)]


def span(values: Sequence[float], baselines: Sequence[float]) -> tuple[float, float]:
    """The range of an axis: all finite values, those baselines that do not dwarf them, and a little air."""
    known = [value for value in values if isfinite(value)] or [value for value in baselines if isfinite(value)] or [0.0, 1.0]
    low, high = min(known), max(known)
    reach = max(high - low, abs(high) * 0.05, 1e-6)
    near = [value for value in baselines if low - reach <= value <= high + reach]
    low, high = min([low, *near]), max([high, *near])
    air = 0.05 * max(high - low, abs(high) * 0.05, 1e-6)
    return (max(low - air, 0.0) if low >= 0 else low - air), high + air


def spread(heights: Sequence[float], gap: float, top: float) -> list[float]:
    """Heights in pixels moved apart to at least `gap`, in their order, and none above `top` while there is room."""
    order = sorted(range(len(heights)), key=lambda index: heights[index])
    moved = list(heights)
    for lower, upper in pairwise(order):
        moved[upper] = max(moved[upper], moved[lower] + gap)
    limit = top
    for index in reversed(order):
        moved[index] = min(moved[index], limit)
        limit = moved[index] - gap
    return moved


def _trimmed(name: str) -> str:
    return name if len(name) <= 14 else name[:13] + "…"


def _name_width(baseline: Baseline) -> float:
    return MARK_WIDTH + LETTER_WIDTH * len(_trimmed(baseline.name))


def _four_digits(value: float) -> float | None:
    """More than a screen shows; the line has a gap where there is no finite number."""
    return float(f"{value:.4g}") if isfinite(value) else None


def _curve(points: Sequence[Point], field: Literal["loss", "metric"], name: str, width: float) -> dict[str, Any]:
    lonely = {"mode": "markers", "marker": {"color": INK, "size": 3 + width}} if len(points) == 1 else {}
    return {
        "name": name,
        "x": [round(point.epoch, 2) for point in points],
        "y": [_four_digits(getattr(point, field)) for point in points],
        "line": {"color": INK, "width": width},
        "hovertemplate": f"{name} %{{y:.4g}}<extra></extra>",
        **lonely,
    }


def _dashed(baseline: Baseline, value: float, epochs: float) -> dict[str, Any]:
    known = baseline.index is not None
    return {
        "name": escape(baseline.name),
        "x": [0, epochs],
        "y": [_four_digits(value)] * 2,
        "line": {
            "color": member_colour(baseline.index or 0) if known else SOFT_INK,
            "dash": member_dash(baseline.index or 0) if known else "dash",
            "width": 1.8,
        },
        "hoverinfo": "skip",
    }


def _names(baselines: Sequence[tuple[Baseline, float]], low: float, high: float, height: int) -> list[dict[str, Any]]:
    """Each baseline's name at its line's end, moved apart where lines lie close; the mark before it has the line's colour."""
    pixels = height - MARGINS["t"] - MARGINS["b"]
    wanted = [min(max((value - low) / (high - low), 0.0), 1.0) * pixels for _, value in baselines]
    names = []
    for (baseline, value), at in zip(baselines, spread(wanted, NAME_HEIGHT, pixels), strict=True):
        colour = "" if baseline.index is None else f' style="color:{member_colour(baseline.index)}"'
        beyond = " ↑" if value > high else " ↓" if value < low else ""
        names.append(
            {
                "text": f"<span{colour}>━</span> {escape(_trimmed(baseline.name))}{beyond}",
                "x": 1,
                "y": 0,
                "xref": "paper",
                "yref": "paper",
                "yshift": round(at, 1),
            }
        )
    return names


def _broken_line(point: Point) -> dict[str, Any]:
    """Where the loss was no longer a number."""
    ends = {"x0": point.epoch, "x1": point.epoch, "y0": 0, "y1": 1, "yref": "paper"}
    return {"type": "line", **ends, "line": {"color": ACCENT, "width": 1.2, "dash": "dot"}}


def _broken_name(point: Point) -> dict[str, Any]:
    return {"text": f"not a number at step {point.step:,}", "x": point.epoch, "y": 1, "yref": "paper", "yanchor": "top"}


def curve_figure(
    points: Sequence[Point],
    field: Literal["loss", "metric"],
    title: str,
    *,
    epochs: int,
    baselines: Sequence[Baseline] = (),
    height: int = 320,
) -> Figure:
    """One chart: `field` of the points over epochs, training thin and validation thick, what members reach dashed."""
    splits = {split: thinned([point for point in points if point.split == split]) for split in ("training", "validation")}
    reached = [
        (baseline, value) for baseline in baselines if (value := getattr(baseline, field)) is not None and isfinite(value)
    ]
    low, high = span([getattr(point, field) for shown in splits.values() for point in shown], [value for _, value in reached])
    broken = next((point for point in reversed(points) if not isfinite(point.loss)), None)
    latest = [f"{split} {getattr(shown[-1], field):.4g}" for split, shown in splits.items() if shown]
    latest += [
        f"{baseline.name} alone {value:.4g}" if baseline.index is not None else f"{baseline.name} {value:.4g}"
        for baseline, value in reached
    ]
    return {
        "data": [
            *(_dashed(baseline, value, epochs) for baseline, value in reached if low <= value <= high),
            _curve(splits["training"], field, "training", 1.1),
            _curve(splits["validation"], field, "validation", 2.8),
        ],
        "layout": {
            "height": height,
            "margin": MARGINS | {"r": max([MARGINS["r"], *(_name_width(baseline) for baseline, _ in reached)])},
            "title": {"text": f"<b>{escape(title)}</b>"},
            "xaxis": {"range": [0, epochs], "title": {"text": "epoch", "font": {"size": 12}}, "showgrid": False},
            "yaxis": {"range": [_four_digits(low), _four_digits(high)], "nticks": 6},
            "annotations": [*_names(reached, low, high, height), *([_broken_name(broken)] if broken else [])],
            **({"shapes": [_broken_line(broken)]} if broken else {}),
            "hovermode": "x unified",
        },
        "alt": f"{title} over {epochs} epochs. " + (f"Latest: {'; '.join(latest)}." if latest else "No point yet."),
    }
