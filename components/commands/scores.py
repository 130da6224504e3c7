"""Scores as lines in the terminal."""

from __future__ import annotations

from collections.abc import Iterable

from components.training.events import Score


def print_scores(scores: Iterable[Score]) -> None:
    """Prints a line for each score, with the metric's interval where it has one."""
    for score in scores:
        loss, metric = (f"{value:10.4g}" if value is not None else f"{'–':>10}" for value in (score.loss, score.metric))
        around = "" if score.low is None else f"  ({score.low:.4g} to {score.high:.4g})"
        print(f"{score.split:>10}  {score.name:<24} loss {loss}  metric {metric}{around}  {score.note}".rstrip())
