"""What a comparison in a process of its own tells the supervisor."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from components.training.comparison.report import ComparedPoint, ComparisonReport

FLUSH_SECONDS = 0.3

POINTS_AT_ONCE = 1000
"""Points of one message where there are many."""

SETTLED = 0.05
"""Before so much was done, a time left would be a guess."""


class ComparisonReporter:
    """Tells the supervisor how a comparison goes, a few times a second, and hears whether it is to stop."""

    def __init__(self, epochs: int, send: Callable[[dict[str, Any]], None], stopped: Callable[[], bool]) -> None:
        self._epochs, self._send, self._stopped = epochs, send, stopped
        self._waiting: list[ComparedPoint] = []
        self._progress = self._before = 0.0
        self._began = self._flushed = time.monotonic()

    def started(self) -> None:
        """Members and data are loaded."""
        self._send({"running": True})

    def taken_up(self, points: Sequence[ComparedPoint], progress: float) -> None:
        """The comparison goes on after trainings with these curves, and nothing else was told."""
        self._send({"taken_up": True})
        for first in range(0, len(points), POINTS_AT_ONCE):
            self._send({"compared": points[first : first + POINTS_AT_ONCE]})
        self._progress = self._before = progress
        self._began = time.monotonic()
        self.flush()

    def compared(self, point: ComparedPoint, progress: float) -> None:
        """The next point of a layout's curve."""
        self._waiting.append(point)
        self._progress = max(self._progress, progress)
        self._flush_in_time()

    def reached(self, report: ComparisonReport) -> None:
        """The rows so far."""
        self._send({"report": report})

    def stop(self) -> bool:
        """Whether the comparison is to stop."""
        self._flush_in_time()
        return self._stopped()

    def flush(self) -> None:
        """Sends what waits, and how far the comparison is."""
        self._flushed = time.monotonic()
        done = self._progress - self._before
        left = (self._flushed - self._began) * (1 - self._progress) / done if done > SETTLED else None
        progress = {"epoch": self._progress * self._epochs, "steps": 0, "time_left": left}
        self._send({**({"compared": self._waiting} if self._waiting else {}), "progress": progress})
        self._waiting = []

    def _flush_in_time(self) -> None:
        if self._waiting and time.monotonic() - self._flushed >= FLUSH_SECONDS:
            self.flush()
