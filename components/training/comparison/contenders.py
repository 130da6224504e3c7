"""The rows of a comparison's leaderboard, from predictions on the test split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from components.data.columns import Array
from components.recipe import Task
from components.training.comparison.report import Contender, Kind
from components.training.judged import judged
from components.training.scores import class_shares, loss_and_metric, sample_scores

NO_NUMBERS = "Some of its predictions are not numbers, so it has no score."


def contender(
    name: str, title: str, kind: Kind, task: Task, trainings: Sequence[Sequence[Array]], wanted: Array, **known: Any
) -> Contender:
    """One row.

    Args:
        name: What tells it from the others.
        title: What a person reads.
        kind: Layout, member or average.
        task: Of the target.
        trainings: For each training the predictions of each output, as probabilities or numbers.
        wanted: The target of the same samples.
        known: Further fields of the row.
    """
    row = Contender(name=name, title=title, kind=kind, **known)
    if not all(np.isfinite(output).all() for outputs in trainings for output in outputs):
        return row.model_copy(update={"note": " ".join(filter(None, [row.note, NO_NUMBERS]))})
    found = [[judged(task, output, wanted) for output in outputs] for outputs in trainings]
    losses = [loss_and_metric(task, output, wanted)[0] for outputs in trainings for output in outputs]
    scores = [_mean([each.score for each in outputs]) for outputs in found]
    if None in scores:
        return row.model_copy(update={"loss": float(np.mean(losses))})
    known_scores = [score for score in scores if score is not None]
    intervals = [each.interval for outputs in found for each in outputs if each.interval is not None]
    low, high = np.mean(intervals, axis=0) if len(intervals) == sum(map(len, found)) else (None, None)
    return row.model_copy(
        update={
            "scores": tuple(known_scores),
            "score": float(np.mean(known_scores)),
            "low": low,
            "high": high,
            "deviation": float(np.std(known_scores, ddof=1)) if len(known_scores) > 1 else None,
            "loss": float(np.mean(losses)),
            "calibration": _mean([each.calibration for outputs in found for each in outputs]),
        }
    )


def correct(task: Task, predictions: Mapping[str, Array], wanted: Array) -> dict[str, Array]:
    """Whether each member is right on each sample, of several labels on each label; nothing for a regression."""
    if task == "regression":
        return {}
    if task == "multilabel":
        return {name: ((said > 0.5) == (wanted > 0.5)).ravel() for name, said in predictions.items()}
    return {name: sample_scores(task, class_shares(said), wanted)[1] > 0.5 for name, said in predictions.items()}


def ranked(rows: Sequence[Contender]) -> tuple[Contender, ...]:
    """The best first; what has no score comes last."""
    return tuple(sorted(rows, key=lambda row: (row.score is None, -(row.score or 0), row.loss or 0)))


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if len(known) == len(values) and known else None
