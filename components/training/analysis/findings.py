"""What the analyses of a run found: plain values, read by pages, reports and the command line without scikit-learn or Keras."""

from __future__ import annotations

from typing import Literal

from components.recipe import Document, Task

ANALYSIS = "analysis.json"
"""The file in a run's folder that holds an `Analysis`."""

Verdict = Literal["helps", "mixed", "no difference", "hurts"]
Numbers = tuple[float, ...]


class Compared(Document):
    """The fused model beside one candidate on the same samples.

    `difference` is the candidate's metric taken from the fused model's, and `loss_difference` that of the losses, each with
    its interval of 95 %. `fused_alone` and `other_alone` count the samples that only one of the two gets right, for a
    classification of one class. `p` is how often luck alone would bring such a difference, `adjusted` after Holm's correction.
    """

    name: str
    kind: Literal["member", "average"]
    difference: float
    low: float
    high: float
    loss_difference: float
    loss_low: float
    loss_high: float
    fused_alone: int | None
    other_alone: int | None
    test: Literal["McNemar's test", "paired bootstrap"]
    p: float
    adjusted: float


class Comparison(Document):
    """Whether fusion helps: the verdict, its sentence, and the figures against every member and the plain average."""

    verdict: Verdict
    sentence: str
    against: tuple[Compared, ...]


class ClassScore(Document):
    """One class: of the samples said to be of it, and of those that are, how many are right; their harmonic mean; how many."""

    name: str
    precision: float
    recall: float
    f1: float
    samples: int


class Confusion(Document):
    """How many samples of each class, a row each, were taken for each class, a column each."""

    counts: tuple[tuple[int, ...], ...]
    classes: tuple[ClassScore, ...]


class Labels(Document):
    """Several labels at once: the share of samples with all of them right, the mean F1, and each label."""

    all_right: float
    f1: float
    labels: tuple[ClassScore, ...]


class Curve(Document):
    """A curve from left to right, of one candidate or class, and the area below it."""

    name: str
    x: Numbers
    y: Numbers
    area: float


class Curves(Document):
    """Receiver operating characteristic (false over true positive rate) and precision over recall.

    `by_model` has one curve for each candidate; with more than two classes all decisions of one class against the rest count
    together, as do those on all labels. `by_class` has one curve of the fused model for each class or label. `positive` is the
    share of positive decisions: what precision guessing has.
    """

    roc_by_model: tuple[Curve, ...]
    precision_by_model: tuple[Curve, ...]
    roc_by_class: tuple[Curve, ...] = ()
    precision_by_class: tuple[Curve, ...] = ()
    positive: float


class Bin(Document):
    """The samples whose confidence lies in one of 15 bins: their mean confidence, the share that is right, how many."""

    confidence: float
    accuracy: float
    samples: int


class Calibration(Document):
    """Confidence against accuracy, and the expected calibration error between them."""

    error: float
    bins: tuple[Bin, ...]


class Reliability(Document):
    """Whether the fused model is as often right as it is sure, as it stands, and with logits divided by a temperature.

    The temperature is fitted on the calibration split; there is none without such a split.
    """

    plain: Calibration
    temperature: float | None = None
    fitted_on: int = 0
    tempered: Calibration | None = None


class Residuals(Document):
    """A regression: R² and mean absolute error with intervals of 95 %, and what was predicted for what was true.

    `truth` and `prediction` are of at most 2000 samples, drawn at random where there are more.
    """

    explained: float | None
    explained_low: float | None
    explained_high: float | None
    error: float
    error_low: float | None
    error_high: float | None
    truth: Numbers
    prediction: Numbers


class Mistake(Document):
    """A sample that the fused model gets wrong: of several labels, at least one of them.

    `row` is its place in the dataset, from 0. `confidence` is the probability of what was said, of several labels that of the
    surest wrong one; for a regression it is the distance from the truth. `picture` is a PNG in base64, `values` the sample's
    columns; what it does not have is empty.
    """

    row: int
    truth: str
    said: str
    confidence: float
    picture: str = ""
    values: dict[str, float | str] = {}


class Mistakes(Document):
    """The samples that the fused model gets wrong, the most confident first; `wrong` is how many there are in all."""

    wrong: int
    shown: tuple[Mistake, ...]


class Findings(Document):
    """All that was found of one output of the fused model. An analysis that does not apply to its task is None."""

    output: str
    task: Task
    classes: tuple[str, ...]
    target: str
    samples: int
    comparison: Comparison | None = None
    confusion: Confusion | None = None
    labels: Labels | None = None
    curves: Curves | None = None
    reliability: Reliability | None = None
    residuals: Residuals | None = None
    mistakes: Mistakes | None = None


class Analysis(Document):
    """What was found on a test split, output by output."""

    outputs: tuple[Findings, ...]
