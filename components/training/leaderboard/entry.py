"""What the leaderboard tells: plain values, no Keras."""

from __future__ import annotations

from typing import Literal

from components.recipe import Document, Options

Kind = Literal["member", "rule", "fitted rule"]


class Entry(Document):
    """One member or rule, judged on the validation split.

    `score` is the accuracy, of several labels that of all labels, or R² of a regression, and `low` to `high` its interval of
    95 %; `loss` the cross-entropy in nats or the mean squared error; `calibration` the expected calibration error of a
    classification. `layout` and `options` are what a recipe takes to be this rule. `operations` are the floating-point
    operations of its members on one sample. What is not defined is None.
    """

    title: str
    kind: Kind
    score: float | None
    low: float | None
    high: float | None
    loss: float | None
    calibration: float | None
    parameters: int
    operations: int | None = None
    layout: str | None = None
    options: Options = {}
    guarantee: str = ""
