"""What is measured on data while models are merged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from components.models.weight_space.facts import Score


@dataclass(frozen=True)
class Samples:
    """Samples for models of one architecture.

    `inputs` are arrays of shape (n, …) in the order of the models' inputs, without target. `score` judges a model on other
    samples, whose target is known; None where there are none. `higher_is_better` is meant of its metric.
    """

    inputs: Sequence[npt.NDArray[Any]]
    score: Callable[[keras.Model], Score] | None = None
    higher_is_better: bool = True

    def goodness(self, score: Score) -> float:
        """A score's metric as a number of which more is better."""
        return score.metric if self.higher_is_better else -score.metric


def evenly(inputs: Sequence[npt.NDArray[Any]], most: int) -> list[npt.NDArray[Any]]:
    """Up to `most` samples, evenly spaced, since neighbours in a file are often alike."""
    count = len(inputs[0])
    rows = np.linspace(0, count - 1, min(most, count)).round().astype(np.int64)
    return [array[rows] for array in inputs]
