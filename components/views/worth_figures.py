"""What the members do for the layouts of a comparison, in pictures: their Shapley values, and noise on one of them."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from components.training.comparison.report import NOISE_LEVELS, Contender
from components.views.comparison_figures import dash_of, score_axis
from components.views.curves import MARGINS
from components.views.figure_view import Figure
from components.views.theme import member_colour


def worth_figure(rows: Sequence[Contender], members: Sequence[str]) -> Figure:
    """Each member's Shapley value in each layout, as bars beside each other."""
    relied = [row for row in rows if row.reliance]
    return {
        "data": [
            {
                "type": "bar",
                "orientation": "h",
                "name": escape(member),
                "y": [escape(row.title) for row in relied],
                "x": [next(each.shapley for each in row.reliance if each.member == member) for row in relied],
                "marker": {"color": member_colour(place)},
                "hovertemplate": f"{escape(member)} %{{x:.3f}}<extra>%{{y}}</extra>",
            }
            for place, member in enumerate(members)
        ],
        "layout": {
            "height": 124 + 16 * len(relied) * max(1, len(members)),
            "margin": MARGINS | {"b": 78},
            "title": {"text": "<b>Shapley values</b>"},
            "xaxis": {"title": {"text": "part of the score on the test split", "font": {"size": 12}}},
            "yaxis": {"autorange": "reversed", "showgrid": False},
            "barmode": "group",
            "showlegend": True,
            "legend": {"orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom"},
            "hovermode": "closest",
        },
        "alt": "Shapley values. "
        + "; ".join(
            f"{row.title}: {', '.join(f'{each.member} {each.shapley:.3f}' for each in row.reliance)}" for row in relied
        ),
    }


def noise_figure(row: Contender, members: Sequence[str], score: str) -> Figure:
    """A layout's score under noise on one member's input at a time."""
    told = [(each.member, each.noisy) for each in row.reliance if each.noisy is not None]
    return {
        "data": [
            {
                "mode": "lines+markers",
                "name": escape(member),
                "x": [0.0, *NOISE_LEVELS],
                "y": [row.score, *noisy],
                "line": {"color": member_colour(members.index(member)), "dash": dash_of(members.index(member)), "width": 2},
                # A mark on the border of the chart stays whole.
                "cliponaxis": False,
                "hovertemplate": f"noise on {escape(member)} %{{y:.3f}}<extra></extra>",
            }
            for member, noisy in told
        ],
        "layout": {
            "height": 300,
            "margin": MARGINS,
            "title": {"text": "<b>Noise on one member's input</b>"},
            "xaxis": {
                "title": {"text": "noise, in standard deviations of each feature", "font": {"size": 12}},
                "showgrid": False,
            },
            "yaxis": {
                **score_axis([row.score or 0.0, *(value for _, noisy in told for value in noisy)]),
                "title": {"text": escape(score), "font": {"size": 12}},
            },
            "showlegend": True,
            "legend": {"orientation": "h", "y": -0.28},
            "hovermode": "closest",
        },
        "alt": f"{row.title} with noise. "
        + "; ".join(f"on {member}: {', '.join(f'{value:.3f}' for value in noisy)}" for member, noisy in told),
    }
