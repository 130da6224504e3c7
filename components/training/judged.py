"""How good predictions are by the measure of their task, with an interval: the score that leaderboards rank by."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from components.data.columns import Array
from components.recipe import Task
from components.training.measures import (
    Interval,
    accuracy_interval,
    calibration_error,
    explained_variance,
    explained_variance_interval,
    mean_interval,
)
from components.training.scores import class_shares, sample_scores


class Judged(NamedTuple):
    """`score` is the accuracy, or R² of a regression, and `interval` that of 95 %; what is not defined is None."""

    score: float | None
    interval: Interval | None
    calibration: float | None


def judged(task: Task, prediction: Array, wanted: Array) -> Judged:
    """Judges predictions of shape (n, units), probabilities or numbers, by what was wanted, as `Samples` holds it."""
    return _JUDGED[task](prediction, wanted)


def _number(prediction: Array, wanted: Array) -> Judged:
    values = prediction[:, 0]
    return Judged(explained_variance(values, wanted), explained_variance_interval(values, wanted), None)


def _classes(prediction: Array, wanted: Array) -> Judged:
    shares = class_shares(prediction)
    correct = shares.argmax(axis=1) == wanted
    return Judged(float(correct.mean()), accuracy_interval(correct), calibration_error(shares, wanted))


def _labels(prediction: Array, wanted: Array) -> Judged:
    """Over all labels alike; the interval takes the labels of one sample together."""
    _, right = sample_scores("multilabel", prediction, wanted)
    shares = class_shares(prediction.reshape(-1, 1))
    return Judged(float(right.mean()), mean_interval(right), calibration_error(shares, wanted.ravel()))


_JUDGED: dict[Task, Callable[[Array, Array], Judged]] = {
    "binary": _classes,
    "multiclass": _classes,
    "multilabel": _labels,
    "regression": _number,
}
