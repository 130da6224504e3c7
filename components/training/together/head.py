"""One layout among several that train together: its curve, its best weights, and how it ended."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from components.training.events import Point

Report = Callable[[Point], None]


@dataclass(frozen=True)
class Reading:
    """Where the logs have what is measured at one output; its loss counts `weight` times, and `counted` times in the logs."""

    loss: str
    metric: str
    weight: float
    counted: float = 1.0

    def of(self, logs: Mapping[str, float], prefix: str) -> tuple[float, float]:
        """The loss as it counts, and the metric."""
        return self.weight / self.counted * float(logs[prefix + self.loss]), float(logs[prefix + self.metric])


class Head:
    """Follows one layout as `Watch` follows a run. `weights` are the variables that it alone changes.

    `best` is the epoch with the smallest validation loss so far, 0 for the weights before the first; `broken` the step at which
    its loss was first seen not to be a number; `ended` whether it takes no part any more.
    """

    def __init__(self, readings: Sequence[Reading], weights: Sequence[Any], patience: int, report: Report) -> None:
        self.steps = self.epochs = self.best = 0
        self.broken: int | None = None
        self.ended = False
        self._readings, self._weights, self._patience, self._report = readings, weights, patience, report
        self._best_loss = math.inf
        self._best_weights: list[Any] = []
        self._loss = self._metric = self._samples = 0.0

    def collect(self, logs: Mapping[str, float], steps: int, samples: int) -> None:
        """Adds Keras' means over the last `samples`."""
        loss, metric = self._read(logs, "")
        self.steps = steps
        self._loss, self._metric, self._samples = (
            self._loss + samples * loss,
            self._metric + samples * metric,
            self._samples + samples,
        )
        self._check(loss)

    def flush(self, steps_per_epoch: int) -> None:
        """Reports the mean of what was collected since the last point of the training split."""
        if self._samples:
            loss, metric, epoch = self._loss / self._samples, self._metric / self._samples, self.steps / steps_per_epoch
            self._loss = self._metric = self._samples = 0.0
            if math.isfinite(loss) and math.isfinite(metric):
                self._report(Point(step=self.steps, epoch=epoch, split="training", loss=loss, metric=metric))

    def validated(self, logs: Mapping[str, float], epochs: int, prefix: str) -> None:
        """Reports the validation split after so many epochs, keeps weights that are better, and ends without patience."""
        loss, metric = self._read(logs, prefix)
        if not self._check(loss):
            return
        self.epochs = epochs
        self._report(Point(step=self.steps, epoch=epochs, split="validation", loss=loss, metric=metric))
        if loss < self._best_loss:
            self._best_loss, self.best, self._best_weights = loss, epochs, [variable.numpy() for variable in self._weights]
        self.ended = bool(self._patience) and epochs - self.best >= self._patience

    def restore(self) -> None:
        """Gives the model this layout's best weights."""
        for variable, value in zip(self._weights, self._best_weights, strict=False):
            variable.assign(value)

    def _read(self, logs: Mapping[str, float], prefix: str) -> tuple[float, float]:
        """Loss and metric, their means over the outputs where there are several."""
        losses, metrics = zip(*(reading.of(logs, prefix) for reading in self._readings), strict=True)
        return sum(losses) / sum(reading.weight for reading in self._readings), sum(metrics) / len(metrics)

    def _check(self, loss: float) -> bool:
        if not math.isfinite(loss):
            self.broken, self.ended = self.steps, True
        return math.isfinite(loss)
