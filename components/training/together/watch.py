"""What happens between the steps of layouts that train together."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence

import keras

from components.training.together.head import Head
from components.training.watch import SECONDS_BETWEEN_POINTS


class JointWatch(keras.callbacks.Callback):
    """Hands what Keras measures to the heads, and ends the training when none of them goes on, or when someone stops it."""

    def __init__(self, heads: Sequence[Head], samples: int, batch_size: int, stop: Callable[[], bool]) -> None:
        super().__init__()
        self.epochs = self.steps = 0
        self.stopped = False
        self._heads, self._samples, self._batch_size, self._stop = heads, samples, batch_size, stop
        self._steps_per_epoch = math.ceil(samples / batch_size)
        self._counted = 0
        self._reported = time.monotonic()

    @property
    def ended(self) -> bool:
        """Whether the training is over before its last epoch."""
        return self.stopped or not self._running

    @property
    def _running(self) -> list[Head]:
        return [head for head in self._heads if not head.ended]

    def start(self, logs: Mapping[str, float]) -> None:
        """Takes the weights before the first step, with their measures on the validation split."""
        if not self.stopped:
            for head in self._running:
                head.validated(logs, 0, prefix="")

    def restore(self) -> None:
        """Gives the model the best weights of every head."""
        for head in self._heads:
            head.restore()

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Keras has reset its means."""
        self._counted = 0

    def on_train_batch_end(self, batch: int, logs: Mapping[str, float] | None = None) -> None:
        """Reports the means since the last points, unless that was less than a tenth of a second ago."""
        # Where an epoch is no multiple of the steps in one call, Keras names a last step beyond its end.
        done = min(batch + 1, self._steps_per_epoch)
        self.steps = self.epochs * self._steps_per_epoch + done
        in_time = time.monotonic() - self._reported >= SECONDS_BETWEEN_POINTS
        if in_time or done == self._steps_per_epoch:
            seen = min(done * self._batch_size, self._samples)
            for head in self._running:
                head.collect(logs or {}, self.steps, seen - self._counted)
            self._counted = seen
            self.model.stop_training = self.ended
        if in_time:
            self.model.reset_metrics()
            self._flush()
            self._listen()

    def on_test_begin(self, logs: Mapping[str, float] | None = None) -> None:
        """Keras validates once more after a stop within an epoch; nobody waits for that."""
        self.model.stop_evaluating = self.ended

    def on_test_batch_end(self, batch: int, logs: Mapping[str, float] | None = None) -> None:
        """Listens for a stop during long validations too."""
        if time.monotonic() - self._reported >= SECONDS_BETWEEN_POINTS:
            self._listen()
            self.model.stop_evaluating = self.ended

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Reports the validation split, and ends the training when no head goes on."""
        if self.stopped:
            return
        self.epochs = epoch + 1
        for head in self._running:
            head.validated(logs or {}, self.epochs, prefix="val_")
        self._listen()
        self.model.stop_training = self.ended

    def on_train_end(self, logs: Mapping[str, float] | None = None) -> None:
        """Reports what the last points did not hold."""
        self._flush()

    def _flush(self) -> None:
        self._reported = time.monotonic()
        for head in self._heads:
            head.flush(self._steps_per_epoch)

    def _listen(self) -> None:
        if self._stop():
            self.stopped = self.model.stop_training = True
