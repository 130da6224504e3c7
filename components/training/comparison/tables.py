"""What a comparison brought as CSV, with all digits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from components.recipe import Task
from components.training.comparison.report import NOISE_LEVELS, ComparedPoint, Contender, Pair
from components.training.csv_text import csv_text

_NESTED = {"options", "reliance", "scores"}


def leaderboard_csv(rows: Sequence[Contender], task: Task) -> str:
    """A line for each row; the score of a regression is called `r2`."""
    fields = [name for name in Contender.model_fields if name not in _NESTED]
    names = ["r2" if name == "score" and task == "regression" else name for name in fields]
    return csv_text(names, ([getattr(row, name) for name in fields] for row in rows))


def curves_csv(points: Iterable[ComparedPoint]) -> str:
    """A line for each point of a validation curve."""
    return csv_text(list(ComparedPoint.model_fields), (point.model_dump().values() for point in points))


def members_csv(rows: Sequence[Contender]) -> str:
    """A line for each layout and member: what the member does for the layout, and the layout's score with noise on it."""
    levels = [f"score_with_noise_{level:g}" for level in NOISE_LEVELS]
    lines = (
        [row.name, each.member, each.shapley, each.left_out, *(each.noisy or [None] * len(levels))]
        for row in rows
        for each in row.reliance
    )
    return csv_text(["layout", "member", "shapley", "left_out", *levels], lines)


def pairs_csv(pairs: Iterable[Pair]) -> str:
    """A line for every two members: how their mistakes go together."""
    return csv_text(list(Pair.model_fields), (pair.model_dump().values() for pair in pairs))
