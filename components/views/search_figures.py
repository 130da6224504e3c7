"""A search in pictures: every trial as a line across its settings, and how much each setting mattered."""

from __future__ import annotations

import math
from collections.abc import Callable
from html import escape

from components.fusion.layouts import LAYOUTS
from components.recipe import Training
from components.recipe.search import Over, Setting
from components.recipe.wording import shown
from components.training.search.space import LAYOUT
from components.training.search.trials import Trials
from components.views.figure_view import ACCENT, INK, SOFT_INK, Figure

MOST_WORDS = 14
"""Values of a setting that are written beside its axis; of more, the first and the last."""


TITLES = {LAYOUT: "Layout", "learning_rate": "Rate", "schedule": "Schedule"}
"""What is searched most, in words short enough for an axis."""


def title_of(name: str) -> str:
    """A setting as a person reads it."""
    if name in TITLES:
        return TITLES[name]
    field = Training.model_fields.get(name)
    return (field.description or name).split("(")[0].strip() if field else name.replace("_", " ").capitalize()


def value_of(name: str, value: Setting) -> str:
    """A setting's value as a person reads it."""
    if name == LAYOUT and value in LAYOUTS:
        return LAYOUTS[str(value)].title
    return f"{value:.3g}" if isinstance(value, float) else shown(value)


def parallel_figure(trials: Trials) -> Figure:
    """Parallel coordinates: an axis for each setting and one for the loss, low losses at the top; the best trial stands out.

    Dotted lines are trials that were given up.
    """
    drawn = [trial for trial in trials.trials if trial.loss is not None and trial.state != "running"]
    names = [over.name for over in trials.search.over]
    places = [_places(over) for over in trials.search.over]
    losses = sorted(trial.loss for trial in drawn if trial.loss is not None)
    low, high = (losses[0], losses[-1]) if losses else (0.0, 1.0)
    best = trials.best
    order = sorted(drawn, key=lambda trial: trial.loss or 0.0, reverse=True)
    data = []
    for rank, trial in enumerate(order, start=1):
        heights = [place(trial.values[name]) for name, place in zip(names, places, strict=True)]
        told = " · ".join(f"{title_of(name)} {value_of(name, trial.values[name])}" for name in names)
        stands_out = best is not None and trial.number == best.number
        data.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "x": list(range(len(names) + 1)),
                "y": [*heights, 1 - _share(trial.loss or 0.0, low, high)],
                "line": {
                    "color": ACCENT if stands_out else SOFT_INK,
                    "width": 3 if stands_out else 1.4,
                    "dash": "dot" if trial.state == "given up" else "solid",
                },
                "marker": {"size": 8 if stands_out else 5},
                "opacity": 1 if stands_out else 0.25 + 0.55 * rank / len(order),
                "hovertemplate": f"trial {trial.number}: loss {trial.loss:.4g}<br>{escape(told)}<extra></extra>",
            }
        )
    axes = [_axis(number, over) for number, over in enumerate(trials.search.over)]
    ends = {1 - _share(loss, low, high): f"{loss:.4g}" for loss in losses[:1] + losses[-1:]}
    return {
        "data": data,
        "layout": {
            "height": 340,
            "margin": {"l": 70, "r": 70, "t": 48, "b": 12},
            "showlegend": False,
            "hovermode": "closest",
            "xaxis": {
                "tickvals": list(range(len(names) + 1)),
                "ticktext": [f"<b>{escape(title_of(name))}</b>" for name in names] + ["<b>Loss</b>"],
                "side": "top",
                "tickangle": 0,
                "range": [-0.35, len(names) + 0.35],
                "gridcolor": "rgba(128,128,128,0.5)",
                "fixedrange": True,
            },
            "yaxis": {"visible": False, "range": [-0.14, 1.14], "fixedrange": True},
            "annotations": [
                *(word for words in axes for word in words),
                *(_word(len(names), y, loss) for y, loss in ends.items()),
            ],
        },
        "alt": f"{len(drawn)} trials as lines across {', '.join(map(title_of, names))} and their validation loss."
        + (f" The best, trial {best.number}, has {best.loss:.4g}." if best else ""),
    }


def importance_figure(importances: dict[str, float]) -> Figure:
    """A bar for each setting: its share of what made the loss differ between trials."""
    order = sorted(importances, key=lambda name: importances[name])
    return {
        "data": [
            {
                "type": "bar",
                "orientation": "h",
                "x": [importances[name] for name in order],
                "y": [escape(title_of(name)) for name in order],
                "text": [f"{importances[name]:.0%}" for name in order],
                "textposition": "outside",
                "cliponaxis": False,
                "textfont": {"color": INK, "size": 11.5},
                "marker": {"color": ACCENT, "cornerradius": 4},
                "hovertemplate": "%{y} %{x:.1%}<extra></extra>",
            }
        ],
        "layout": {
            "height": 60 + 44 * len(order),
            "margin": {"l": 88, "r": 48, "t": 34, "b": 12},
            "title": {"text": "<b>What mattered</b>"},
            "bargap": 0.35,
            "xaxis": {"visible": False, "range": [0, max(importances.values()) * 1.1], "fixedrange": True},
            "yaxis": {"fixedrange": True, "showgrid": False},
        },
        "alt": "What mattered for the loss: "
        + ", ".join(f"{title_of(name)} {importances[name]:.0%}" for name in reversed(order)),
    }


def _places(over: Over) -> Callable[[Setting], float]:
    """Where a value lies on its axis, from 0 to 1: evenly for values, logarithmically for a range."""
    if not over.values:
        low, high = math.log(over.low or 1), math.log(over.high or 1)
        return lambda value: _share(math.log(float(value)), low, high)
    values = list(over.values)
    return lambda value: _share(values.index(value), 0, len(values) - 1) if value in values else 0.5


def _axis(number: int, over: Over) -> list[dict[str, object]]:
    place = _places(over)
    known: list[Setting] = list(over.values) or [over.low or 1, over.high or 1]
    shown_values = known if len(known) <= MOST_WORDS else [known[0], known[-1]]
    return [_word(number, place(value), value_of(over.name, value)) for value in shown_values]


def _word(x: int, y: float, text: str) -> dict[str, object]:
    """A value beside its axis."""
    return {
        "x": x,
        "y": y,
        "text": escape(text if len(text) <= 24 else text[:23] + "…"),
        "showarrow": False,
        "xanchor": "left",
        "xshift": 6,
        "yshift": 10 if y >= 0.5 else -10,
        "font": {"size": 11.5},
    }


def _share(value: float, low: float, high: float) -> float:
    return (value - low) / (high - low) if high > low else 0.5
