"""How fast a run is, and how long it will still take."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

from components.training.events import Point

MEMORY_SECONDS = 5.0
"""How far back the mean speed looks, so that it neither jumps nor lags."""

SETTLED_SECONDS = 2.0
"""Before so much was seen, a time left would be a guess."""


class Progress:
    """Follows a run's points. Speed is a mean of steps a second in which what is longer ago counts less and less."""

    def __init__(self, epochs: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._epochs, self._clock = epochs, clock
        self._started = self._last = clock()
        self._taken_up = False
        self._steps = 0
        self._epoch = 0.0
        self._rate: float | None = None

    def add(self, point: Point) -> None:
        """Takes the next point of the run."""
        now = self._clock()
        if self._taken_up:
            # Until the first point nothing but preparations was made.
            self._taken_up, self._last, self._steps = False, now, point.step
        steps, seconds = point.step - self._steps, now - self._last
        if steps > 0 and seconds > 0:
            weight = 1.0 if self._rate is None else 1.0 - math.exp(-seconds / MEMORY_SECONDS)
            self._rate = (1.0 - weight) * (self._rate or 0.0) + weight * steps / seconds
        if steps > 0 or not self._steps:
            self._last = now
        self._steps, self._epoch = point.step, point.epoch

    def take_up(self, point: Point) -> None:
        """The run goes on after this point."""
        self._taken_up, self._steps, self._epoch = True, point.step, point.epoch

    def report(self) -> dict[str, Any]:
        """`epoch`, `steps`, `steps_per_second` and `time_left` in seconds; the last two None while nothing is known."""
        left = None
        if self._rate and self._epoch and self._clock() - self._started > SETTLED_SECONDS:
            left = (self._epochs - self._epoch) * (self._steps / self._epoch) / self._rate
            # It shrinks while a validation lasts, too.
            left = max(0.0, left - (self._clock() - self._last))
        return {"epoch": self._epoch, "steps": self._steps, "steps_per_second": self._rate, "time_left": left}
