"""What a comparison is asked for and what it tells: plain values, no Keras."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from components.recipe import Document, Options

NOISE_LEVELS = (0.25, 0.5, 1.0)
"""Standard deviations of the noise, in those of the member's input over the training split."""

Kind = Literal["layout", "member", "average"]


class Comparison(Document):
    """The layouts to train on one recipe's members, data and settings; `seeds` trainings each, from the recipe's seed on."""

    layouts: tuple[str, ...] = Field(min_length=1)
    seeds: int = Field(1, ge=1, le=10)


class ComparedPoint(Document):
    """One point of a layout's validation curve in the training number `seed`, after `epoch` epochs."""

    contender: str
    seed: int
    epoch: float
    loss: float
    metric: float


class Reliance(Document):
    """What one member does for a trained layout, measured on the test split.

    `left_out` is how much the score falls without the member, `shapley` its exact Shapley value; in both, what a member gives
    is replaced by its mean over the training split. `noisy` is the score with noise on the member's input, for each of
    `NOISE_LEVELS`; None where the input is no floating-point number.
    """

    member: str
    left_out: float
    shapley: float
    noisy: tuple[float, ...] | None = None


class Contender(Document):
    """One row of the leaderboard, judged on the test split.

    `score` is the accuracy, or R² of a regression, its mean over the seeds; `low` to `high` its interval of 95 % over the test
    samples, `deviation` the standard deviation over seeds. `loss` is the cross-entropy in nats (the negative log-likelihood) or
    the mean squared error, `calibration` the expected calibration error. `operations` are floating-point operations for one
    sample, `latency` the milliseconds in which one sample is predicted, `seconds` the time of one training; of layouts trained
    together an equal share. What is not known is None.
    """

    name: str
    title: str
    kind: Kind
    scores: tuple[float, ...] = ()
    score: float | None = None
    low: float | None = None
    high: float | None = None
    deviation: float | None = None
    loss: float | None = None
    calibration: float | None = None
    parameters: int | None = None
    operations: int | None = None
    latency: float | None = None
    seconds: float | None = None
    best_epoch: int | None = None
    verdict: str = ""
    options: Options = {}
    reliance: tuple[Reliance, ...] = ()
    note: str = ""


class Pair(Document):
    """How two members' mistakes go together on the test split, after Kuncheva & Whitaker (2003); None where undefined.

    `disagreement` is the share of samples of which one member alone is right, `double_fault` of which both are wrong, `q` is
    Yule's Q-statistic: 0 for independent members, 1 where both are right on the same samples, -1 on different ones.
    """

    first: str
    second: str
    disagreement: float
    double_fault: float
    q: float | None


class ComparisonReport(Document):
    """The rows, the best first; `oracle` is the share of test samples of which at least one member is right."""

    contenders: tuple[Contender, ...]
    pairs: tuple[Pair, ...] = ()
    oracle: float | None = None
    samples: int
    seconds: float
    notes: tuple[str, ...] = ()
