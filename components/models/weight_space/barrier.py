"""The loss along the straight line between two models."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from components.models.weight_space.facts import Curve, Point, Score
from components.models.weight_space.registry import Arrays

POINTS = 11


def curve(title: str, ends: Iterable[Arrays], score: Callable[[Arrays, float], Score], points: int = POINTS) -> Curve:
    """Scores at evenly spaced points from one model's weights to another's, both ends included.

    Args:
        title: What was done to the models before.
        ends: All weights of the two models, moving statistics included.
        score: Judges weights; is told the second model's share in them.
        points: How many, 3 or more.
    """
    first, second = ends
    line = []
    for share in np.linspace(0, 1, points).tolist():
        reached = score([(1 - share) * a + share * b for a, b in zip(first, second, strict=True)], share)
        line.append(Point(share=share, loss=reached.loss, metric=reached.metric))
    return Curve(title=title, points=tuple(line), barrier=barrier(line))


def barrier(points: list[Point]) -> float:
    """max over λ of L(λ) − [(1 − λ) L(0) + λ L(1)], which is 0 or more since both ends are among the points."""
    start, end = points[0].loss, points[-1].loss
    return max(point.loss - (1 - point.share) * start - point.share * end for point in points)
