"""What is asked of a merge and what is told of it: plain values, no Keras."""

from __future__ import annotations

from typing import Literal

from components.recipe import Document, Options

Verdict = Literal["common ancestor", "unclear", "independent"]
"""Whether members were trained on from the same weights, by the angles between theirs."""


class Merging(Document):
    """How members are merged.

    `align` puts the hidden units of every member into the order of the first one's; `repair` gives hidden units the mean and
    deviation that they have in the members; `re_estimate` measures the moving statistics of batch normalization anew.
    """

    method: str = "average"
    options: Options = {}
    align: bool = False
    repair: bool = False
    re_estimate: bool = False


class Score(Document):
    """Loss and metric on validation samples: cross-entropy and accuracy, or mean squared and mean absolute error."""

    loss: float
    metric: float


class Scored(Score):
    """The score of one model; the merged one is called `merged`, the base `base`."""

    name: str
    kind: Literal["member", "base", "merged"]


class Cosine(Document):
    """The cosine of the angle between the kernels of two models, all taken as one vector."""

    first: str
    second: str
    cosine: float


class Similarity(Document):
    """How alike the members' weights are, and the base's to theirs; `sentence` says what follows for merging."""

    members: tuple[Cosine, ...]
    base: tuple[Cosine, ...] = ()
    verdict: Verdict
    sentence: str


class Point(Score):
    """The score on the straight line between two models; `share` is that of the second one's weights."""

    share: float


class Curve(Document):
    """The line from one model to another.

    `barrier` is by how much the loss rises above the line between both ends' losses, at its highest point (Frankle et al.,
    2020). `title` says what was done to the models before.
    """

    title: str
    points: tuple[Point, ...]
    barrier: float


class MergeReport(Document):
    """What a merge did and what came of it.

    `notes` are sentences for a person. `similarity` is before alignment, `aligned` the cosines after it. `curves` lie between
    two members and `scores` are on validation samples, both empty where these are not given.
    """

    method: str
    title: str
    members: tuple[str, ...]
    base: str | None = None
    notes: tuple[str, ...] = ()
    similarity: Similarity | None = None
    aligned: tuple[Cosine, ...] = ()
    curves: tuple[Curve, ...] = ()
    scores: tuple[Scored, ...] = ()
