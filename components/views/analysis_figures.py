"""Figures of what was found on a test split; colours and dashes are those of the members everywhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from components.recipe.wording import shown
from components.training.analysis.findings import Calibration, Curve, Curves, Findings, Reliability, Residuals
from components.training.metrics import SHOWN, metric_of
from components.views.figure_view import ACCENT, INK, SOFT_INK, Figure
from components.views.theme import member_colour, member_dash

UNIT_RANGE = [-0.02, 1.02]
LEGEND = {"orientation": "h", "x": 0, "y": -0.22, "yanchor": "top", "font": {"size": 12}}
MARGINS = {"l": 52, "r": 12, "t": 34, "b": 44}
AVERAGE = "plain average"


def curve_figures(curves: Curves, places: Mapping[str, int]) -> list[Figure]:
    """ROC and precision over recall, a line for each model; and below them in pale ink those of the classes."""
    chance = {"x": [0, 1], "y": [0, 1], **_guide("guessing")}
    level = {"x": [0, 1], "y": [curves.positive] * 2, **_guide("guessing")}
    return [
        _curve_figure("ROC", curves.roc_by_model, places, chance, "false positive rate", "true positive rate"),
        _curve_figure("Precision over recall", curves.precision_by_model, places, level, "recall", "precision"),
    ]


def _curve_figure(
    title: str, curves: Sequence[Curve], places: Mapping[str, int], guide: dict[str, Any], x: str, y: str
) -> Figure:
    # The fused model is drawn last, above the others, and named first.
    lines = [
        {
            "name": f"{escape(shown(curve.name, 24))} {curve.area:.3f}",
            "x": list(curve.x),
            "y": list(curve.y),
            "line": _line(curve.name, places),
            "legendrank": rank,
            "hovertemplate": f"{escape(shown(curve.name, 24))} %{{y:.3f}}<extra></extra>",
        }
        for rank, curve in enumerate(curves)
    ]
    return {
        "data": [guide, *reversed(lines)],
        "layout": {
            "height": 400,
            "margin": MARGINS,
            "title": {"text": f"<b>{title}</b>"},
            "xaxis": {"range": UNIT_RANGE, "title": {"text": x, "font": {"size": 12}}},
            "yaxis": {"range": UNIT_RANGE, "title": {"text": y, "font": {"size": 12}}},
            "showlegend": True,
            "legend": LEGEND,
        },
        "alt": f"{title}; areas: " + ", ".join(f"{curve.name} {curve.area:.3f}" for curve in curves) + ".",
    }


def _line(name: str, places: Mapping[str, int]) -> dict[str, Any]:
    if name in places:
        return {"color": member_colour(places[name]), "dash": member_dash(places[name]), "width": 1.8}
    return {"color": SOFT_INK, "dash": "dash", "width": 1.8} if name == AVERAGE else {"color": INK, "width": 2.8}


def _guide(name: str) -> dict[str, Any]:
    return {"name": name, "line": {"color": SOFT_INK, "width": 1, "dash": "dot"}, "hoverinfo": "skip", "showlegend": False}


def difference_figure(findings: Findings, places: Mapping[str, int]) -> Figure:
    """A dot and its interval for each candidate, on both sides of a line at 0."""
    assert findings.comparison is not None
    against = findings.comparison.against
    rows = list(range(len(against)))
    colours = [member_colour(places[each.name]) if each.name in places else SOFT_INK for each in against]
    dots = [
        {
            "x": [each.difference],
            "y": [row],
            "mode": "markers",
            "marker": {"color": colours[row], "size": 11, "line": {"color": INK, "width": 0.6}},
            "error_x": {
                "symmetric": False,
                "array": [each.high - each.difference],
                "arrayminus": [each.difference - each.low],
                "color": INK,
                "thickness": 1.4,
            },
            "hovertemplate": f"{each.difference:+.4f}, {each.low:+.4f} to {each.high:+.4f}<extra></extra>",
        }
        for row, each in enumerate(against)
    ]
    zero = {"x": [0, 0], "y": [-0.6, len(against) - 0.4], **_guide("no difference")}
    metric = SHOWN[metric_of(findings.task)].title
    told = "; ".join(f"{each.name} {each.difference:+.4f} ({each.low:+.4f} to {each.high:+.4f})" for each in against)
    return {
        "data": [zero, *dots],
        "layout": {
            "height": 96 + 34 * len(against),
            "margin": MARGINS | {"l": 110, "t": 8},
            "xaxis": {"title": {"text": f"difference of {metric}", "font": {"size": 12}}, "nticks": 7},
            "yaxis": {
                "tickvals": rows,
                "ticktext": [escape(shown(each.name, 22)) for each in against],
                "range": [len(against) - 0.4, -0.6],
                "showgrid": False,
                "fixedrange": True,
            },
        },
        "alt": f"Difference of {metric} between the fused model and: {told}.",
    }


def calibration_figures(found: Reliability) -> list[Figure]:
    """Accuracy over confidence, and how many samples have which confidence."""
    drawn = [("as it stands", found.plain, {"color": INK, "width": 2.4})]
    if found.tempered is not None:
        drawn.append(("after temperature", found.tempered, {"color": ACCENT, "width": 2.0, "dash": "dash"}))
    lines = [
        {
            "name": f"{name}, error {each.error:.3f}",
            "x": [bin.confidence for bin in each.bins],
            "y": [bin.accuracy for bin in each.bins],
            "mode": "lines+markers",
            "line": line,
            "marker": {"size": 7, "color": line["color"]},
            "customdata": [bin.samples for bin in each.bins],
            "hovertemplate": "confidence %{x:.3f}, right %{y:.3f}, %{customdata:,} samples<extra></extra>",
        }
        for name, each, line in drawn
    ]
    ideal = {"x": [0, 1], "y": [0, 1], **_guide("as sure as right")}
    alt = "; ".join(f"{name}: expected calibration error {each.error:.3f}" for name, each, _ in drawn)
    return [
        {
            "data": [ideal, *lines],
            "layout": {
                "height": 380,
                "margin": MARGINS,
                "title": {"text": "<b>Reliability</b>"},
                "xaxis": {"range": UNIT_RANGE, "title": {"text": "confidence", "font": {"size": 12}}},
                "yaxis": {"range": UNIT_RANGE, "title": {"text": "share that is right", "font": {"size": 12}}},
                "showlegend": True,
                "legend": LEGEND,
            },
            "alt": f"Reliability. {alt}.",
        },
        _confidences(found.plain),
    ]


def _confidences(plain: Calibration) -> Figure:
    return {
        "data": [
            {
                "type": "bar",
                "x": [bin.confidence for bin in plain.bins],
                "y": [bin.samples for bin in plain.bins],
                "width": 0.045,
                "marker": {"color": ACCENT, "cornerradius": 3},
                "hovertemplate": "confidence %{x:.3f}: %{y:,} samples<extra></extra>",
            }
        ],
        "layout": {
            "height": 380,
            "margin": MARGINS,
            "title": {"text": "<b>How sure it is</b>"},
            "xaxis": {"range": UNIT_RANGE, "title": {"text": "confidence", "font": {"size": 12}}, "showgrid": False},
            "yaxis": {"title": {"text": "samples", "font": {"size": 12}}, "rangemode": "tozero", "nticks": 5},
        },
        "alt": "Samples by confidence: " + ", ".join(f"{bin.confidence:.2f} {bin.samples:,}" for bin in plain.bins) + ".",
    }


def residual_figures(found: Residuals, target: str) -> list[Figure]:
    """Predicted over true values, and what is left over predicted ones."""
    low = min(*found.truth, *found.prediction)
    high = max(*found.truth, *found.prediction)
    dots = {"mode": "markers", "marker": {"color": ACCENT, "size": 6, "opacity": 0.55, "line": {"color": INK, "width": 0.4}}}
    left = [said - true for said, true in zip(found.prediction, found.truth, strict=True)]
    name = escape(shown(target, 24))
    return [
        _scatter(
            "Predicted over true",
            {**dots, "x": list(found.truth), "y": list(found.prediction)},
            {"x": [low, high], "y": [low, high], **_guide("right")},
            f"true {name}",
            f"predicted {name}",
        ),
        _scatter(
            "Residuals",
            {**dots, "x": list(found.prediction), "y": left},
            {"x": [min(found.prediction), max(found.prediction)], "y": [0, 0], **_guide("right")},
            f"predicted {name}",
            "predicted − true",
        ),
    ]


def _scatter(title: str, dots: dict[str, Any], guide: dict[str, Any], x: str, y: str) -> Figure:
    return {
        "data": [guide, {**dots, "hovertemplate": "%{x:.4g}, %{y:.4g}<extra></extra>"}],
        "layout": {
            "height": 380,
            "margin": MARGINS,
            "title": {"text": f"<b>{title}</b>"},
            "xaxis": {"title": {"text": x, "font": {"size": 12}}},
            "yaxis": {"title": {"text": y, "font": {"size": 12}}},
        },
        "alt": f"{title}: {len(dots['x'])} samples.",
    }
