"""What a run does between its steps: report points, listen for a stop, notice the best weights."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from typing import Any, Literal

import keras

from components.recipe import Training
from components.training.events import Metric, Point
from components.training.weights import Weights

Split = Literal["training", "validation"]

SECONDS_BETWEEN_POINTS = 0.1

_KEPT = ("steps", "epochs", "best", "told", "_best_loss", "_entered", "_epoch_began", "_loss", "_value", "_weight")
"""What a run that is continued must know again."""


class Watch(keras.callbacks.Callback):
    """Watches a run through all its phases. `loss_weight` is the sum of the weights with which the outputs' losses count.

    `best` is the epoch with the smallest validation loss so far, 0 for the weights before the first; `told` the number of
    points; `stopped` whether someone asked to stop; `broken` the step at which a loss was first seen not to be a number;
    `best_step` the step within an epoch whose weights are better than those of `best`, known of a broken run; `settled`
    whether all steps so far are in what was told or collected, and none in Keras' own means.
    """

    def __init__(
        self,
        metric: Metric,
        loss_weight: float,
        samples: int,
        weights: Weights,
        report: Callable[[Point], None],
        stop: Callable[[], bool],
    ) -> None:
        super().__init__()
        self.steps = self.epochs = self.best = self.told = 0
        self.stopped = False
        self.settled = True
        self.broken: int | None = None
        self.best_step: int | None = None
        self._metric, self._report, self._stop = metric, report, stop
        self.weights = weights
        self._samples, self._loss_weight = samples, loss_weight
        self._best_loss = math.inf
        self._entered = self._epoch_began = 0
        self._counted = 0
        self._loss = self._value = self._weight = 0.0
        self._started = self._reported = time.monotonic()

    def enter(self, settings: Training) -> None:
        """A phase begins."""
        self._entered = self.epochs
        self._follow(settings)

    def take_up(self, settings: Training, state: Mapping[str, Any]) -> None:
        """A phase goes on from a state."""
        self.__dict__.update({name: state[name] for name in _KEPT})
        self._started = time.monotonic() - state["seconds"]
        self._follow(settings)

    def _follow(self, settings: Training) -> None:
        self._settings = settings
        self.steps_per_epoch = math.ceil(self._samples / settings.batch_size)
        self.last_epoch = self._entered + settings.epochs
        self._first = self.done

    def state(self) -> dict[str, Any]:
        """What `take_up` needs, in plain values; only where all is settled."""
        return {**{name: getattr(self, name) for name in _KEPT}, "seconds": self.seconds}

    @property
    def seconds(self) -> float:
        """How long the run has worked, all of its starts together."""
        return time.monotonic() - self._started

    @property
    def done(self) -> int:
        """The steps of the current epoch that were made."""
        return self.steps - self._epoch_began

    @property
    def ended(self) -> bool:
        """Whether the run is over before its last epoch, by a stop or by a loss that is not a number."""
        return self.stopped or self.broken is not None

    @property
    def phase_over(self) -> bool:
        """Whether the phase has made all its epochs, or as many as `patience` without an improvement."""
        patience = self._settings.patience
        return self.epochs >= self.last_epoch or 0 < patience <= self.epochs - max(self.best, self._entered)

    def reconsider(self, step: int, logs: Mapping[str, float]) -> None:
        """Takes the weights of a step before the loss broke, if they are the best on the validation split."""
        loss, _ = self._read(logs, prefix="")
        if loss < self._best_loss:
            self.best_step, self._best_loss = step, loss
            self.weights.keep()

    def start(self, logs: Mapping[str, float]) -> None:
        """Takes the weights before the first step, with their loss and metric on the validation split."""
        if not self.ended:
            self._validated(logs, prefix="")

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Keras has reset its means."""
        self._counted = min(self._first * self._settings.batch_size, self._samples)
        self.settled = True

    def on_train_batch_end(self, batch: int, logs: Mapping[str, float] | None = None) -> None:
        """Counts steps; reports the mean since the last point, unless that was less than a tenth of a second ago."""
        # Where an epoch is no multiple of the steps in one call, Keras names a last step beyond its end.
        done = min(self._first + batch + 1, self.steps_per_epoch)
        self.steps, self.settled = self._epoch_began + done, False
        if time.monotonic() - self._reported >= SECONDS_BETWEEN_POINTS:
            self._collect(logs or {}, done)
            # Means begin anew at every point: a difference of two long means would lose digits.
            self.model.reset_metrics()
            self.settled = True
            self._flush()
            self._listen()
        elif done == self.steps_per_epoch:
            self._collect(logs or {}, done)

    def on_test_begin(self, logs: Mapping[str, float] | None = None) -> None:
        """Keras validates once more after a stop within an epoch; nobody waits for that."""
        self.model.stop_evaluating = self.ended

    def on_test_batch_end(self, batch: int, logs: Mapping[str, float] | None = None) -> None:
        """Listens for a stop during long validations too."""
        if time.monotonic() - self._reported >= SECONDS_BETWEEN_POINTS:
            self._listen()
            self.model.stop_evaluating = self.model.stop_evaluating or self.stopped

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Reports the validation split; ends the phase when it has not improved for as many epochs as `patience`."""
        if self.ended:
            return
        self.epochs, self._epoch_began, self._first = epoch + 1, self.steps, 0
        self._validated(logs or {}, prefix="val_")
        self._listen()
        if self.phase_over:
            self.model.stop_training = True

    def on_train_end(self, logs: Mapping[str, float] | None = None) -> None:
        """Reports what the last point did not hold."""
        self._flush()

    def _collect(self, logs: Mapping[str, float], done: int) -> None:
        """Adds Keras' means since they were last reset, weighted by the samples that went into them."""
        seen = min(done * self._settings.batch_size, self._samples)
        weight, self._counted = seen - self._counted, seen
        loss, value = self._read(logs, prefix="")
        self._loss, self._value, self._weight = self._loss + weight * loss, self._value + weight * value, self._weight + weight
        if not math.isfinite(loss):
            self._break("training")

    def _flush(self) -> None:
        if not self._weight:
            return
        loss, value = self._loss / self._weight, self._value / self._weight
        self._loss = self._value = self._weight = 0.0
        self._reported = time.monotonic()
        if math.isfinite(loss) and math.isfinite(value):
            self._tell("training", loss, value)

    def _validated(self, logs: Mapping[str, float], prefix: str) -> None:
        loss, value = self._read(logs, prefix)
        if not math.isfinite(loss):
            self._break("validation")
            return
        self._tell("validation", loss, value)
        if loss < self._best_loss:
            self._best_loss, self.best = loss, self.epochs
            self.weights.keep()

    def _read(self, logs: Mapping[str, float], prefix: str) -> tuple[float, float]:
        """Loss and metric, their means over the outputs where there are several; Keras gives the sum of the weighted losses.

        Outputs of targets of another task have another metric and are not among them.
        """
        names = self.model.output_names
        keys = [self._metric] if len(names) == 1 else [f"{name}_{self._metric}" for name in names]
        values = [float(logs[prefix + key]) for key in keys if prefix + key in logs]
        return float(logs[prefix + "loss"]) / self._loss_weight, sum(values) / len(values)

    def _tell(self, split: Split, loss: float, metric: float) -> None:
        epoch = self.epochs + self.done / self.steps_per_epoch
        self.told += 1
        rate = self._rate() if split == "training" else None
        self._report(Point(step=self.steps, epoch=epoch, split=split, loss=loss, metric=metric, learning_rate=rate))

    def _rate(self) -> float:
        """That of the next step, with all digits that a person would write."""
        return float(f"{float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate)):.6g}")

    def _break(self, split: Split) -> None:
        """The curve shows where; what is seen after that tells nothing more."""
        if self.broken is None:
            self.broken = self.steps
            self._tell(split, math.nan, math.nan)
        self.model.stop_training = True

    def _listen(self) -> None:
        if self._stop():
            self.stopped = self.model.stop_training = True
