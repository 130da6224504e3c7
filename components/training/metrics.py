"""The metrics that curves and scores show: how they are called, written, and which way is better."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from components.recipe import Task
from components.training.events import Metric


@dataclass(frozen=True)
class Shown:
    """How a metric is shown; `text` writes one value for a person."""

    title: str
    higher_is_better: bool
    text: Callable[[float], str]


def _percent(value: float) -> str:
    return f"{value:.1%}".replace("%", " %")


SHOWN: dict[Metric, Shown] = {
    "accuracy": Shown("accuracy", True, _percent),
    "label_accuracy": Shown("accuracy of labels", True, _percent),
    "mean_absolute_error": Shown("mean absolute error", False, lambda value: f"{value:.4g}"),
}


_METRICS: dict[Task, Metric] = {
    "binary": "accuracy",
    "multiclass": "accuracy",
    "multilabel": "label_accuracy",
    "regression": "mean_absolute_error",
}


def metric_of(task: Task) -> Metric:
    """The metric of a task."""
    return _METRICS[task]
