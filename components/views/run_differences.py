"""Several runs side by side: the settings in which they differ, and their curves in one figure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import Any

import pandas as pd

from components.recipe.wording import shown
from components.store import Run
from components.training.events import Point
from components.views.curves import MARGINS, span, thinned
from components.views.figure_view import Figure
from components.views.theme import member_colour, member_dash

LEFT_OUT = {"version", "name", "graph"}
"""Parts of a recipe that follow from the others, or mean nothing to a person."""


def differences(runs: Sequence[Run]) -> pd.DataFrame:
    """A row for each setting in which the runs differ, with a column for each run; also what they were made with."""
    columns: dict[str, dict[str, str]] = {}
    for run in runs:
        name = run.name if run.name not in columns else f"{run.name} ({run.id[:4]})"
        settings = run.recipe.model_dump(mode="json", exclude=LEFT_OUT)
        settings["members"] = {member.name: member.model_dump(mode="json") for member in run.recipe.members}
        settings["made with"] = run.environment.model_dump() if run.environment else {}
        columns[name] = dict(_flat("", settings))
    table = pd.DataFrame(columns).fillna("–")
    return table[table.nunique(axis=1) > 1].rename_axis("Setting")


def _flat(path: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, part in value.items():
            yield from _flat(f"{path} · {name}".removeprefix(" · ").replace("_", " "), part)
    elif value not in (None, "", [], {}):
        yield path, shown(", ".join(map(str, value)) if isinstance(value, list) else value, 120)


def validation_figure(curves: Sequence[tuple[str, Sequence[Point]]]) -> Figure:
    """The validation loss of each run, by its name, over epochs."""
    drawn = [(name, thinned([point for point in points if point.split == "validation"])) for name, points in curves]
    low, high = span([point.loss for _, points in drawn for point in points], [])
    return {
        "data": [
            {
                "name": escape(shown(name)),
                "x": [round(point.epoch, 2) for point in points],
                "y": [point.loss if low <= point.loss <= high else None for point in points],
                "line": {"color": member_colour(index), "dash": member_dash(index), "width": 2.2},
                "hovertemplate": f"{escape(shown(name))} %{{y:.4g}}<extra></extra>",
            }
            for index, (name, points) in enumerate(drawn)
        ],
        "layout": {
            "height": 320,
            "margin": MARGINS,
            "title": {"text": "<b>Validation loss</b>"},
            "xaxis": {"title": {"text": "epoch", "font": {"size": 12}}, "showgrid": False},
            "yaxis": {"range": [low, high], "nticks": 6},
            "showlegend": True,
            "legend": {"orientation": "h", "y": -0.22},
            "hovermode": "x unified",
        },
        "alt": "Validation loss over epochs. "
        + "; ".join(f"{name} ends at {points[-1].loss:.4g}" for name, points in drawn if points),
    }
