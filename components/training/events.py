"""What a training run tells while it runs and when it ends: plain values, no Keras."""

from __future__ import annotations

from typing import Literal

from components.recipe import Document

Metric = Literal["accuracy", "label_accuracy", "mean_absolute_error"]
"""What the curves show beside the loss. `label_accuracy` is the share of all yes or no that are right, over several labels."""


class Point(Document):
    """One point of the curves: after `step` optimizer steps; `epoch` is the number of epochs done, as a fraction.

    `loss` is that of training: with the penalties of regularisers, where layers that are trained have any.
    `learning_rate` is that of the next step; known of points of the training split.
    """

    step: int
    epoch: float
    split: Literal["training", "validation"]
    loss: float
    metric: float
    learning_rate: float | None = None


class Score(Document):
    """Loss and metric of one model on a split. `kind` is the fused model, one member alone, or the members' plain average.

    `loss` is that of the predictions alone, so that all compare; a `Point` has penalties of regularisers in it. `low` to
    `high` is the metric's interval of 95 %, where it has one. `target` names what is predicted where there are several
    targets; it is empty for the first.
    """

    name: str
    kind: Literal["fused", "member", "average"]
    split: Literal["validation", "test"]
    loss: float | None
    metric: float | None
    note: str = ""
    low: float | None = None
    high: float | None = None
    target: str = ""


class Result(Document):
    """What a finished run leaves: its metric, the scores, the best epoch, the seconds it took, sentences worth reading.

    `verdict` says in one sentence whether fusion helps, and whether that is more than luck.
    """

    metric: Metric
    scores: tuple[Score, ...]
    steps: int
    epochs: int
    best_epoch: int
    seconds: float
    notes: tuple[str, ...] = ()
    verdict: str = ""
