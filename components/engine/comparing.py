"""A comparison in a process of its own, as the supervisor follows it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from components.models.facts import MemberFacts
from components.recipe import Recipe
from components.store.files import Files
from components.training.comparison.report import ComparedPoint, Comparison

FLUSH_SECONDS = 0.3


class ComparisonReporter:
    """Tells the supervisor how a comparison goes, a few times a second, and hears whether it is to stop."""

    def __init__(self, epochs: int, send: Callable[[dict[str, Any]], None], stopped: Callable[[], bool]) -> None:
        self._epochs, self._send, self._stopped = epochs, send, stopped
        self._waiting: list[ComparedPoint] = []
        self._progress = 0.0
        self._began = self._flushed = time.monotonic()

    def started(self) -> None:
        """Members and data are loaded."""
        self._send({"running": True})
        self._began = time.monotonic()

    def compared(self, point: ComparedPoint, progress: float) -> None:
        """The next point of a layout's curve."""
        self._waiting.append(point)
        self._progress = max(self._progress, progress)
        self._flush_in_time()

    def stop(self) -> bool:
        """Whether the comparison is to stop."""
        self._flush_in_time()
        return self._stopped()

    def flush(self) -> None:
        """Sends what waits."""
        self._flushed = time.monotonic()
        if self._waiting:
            spent = self._flushed - self._began
            left = spent * (1 / self._progress - 1) if self._progress > 0.05 else None
            progress = {"epoch": self._progress * self._epochs, "steps": 0, "time_left": left}
            self._send({"compared": self._waiting, "progress": progress})
            self._waiting = []

    def _flush_in_time(self) -> None:
        if time.monotonic() - self._flushed >= FLUSH_SECONDS:
            self.flush()


def compare_in_job(
    recipe: Recipe,
    comparison: Comparison,
    facts: Mapping[str, MemberFacts],
    files: Files,
    folder: Path,
    send: Callable[[dict[str, Any]], None],
    stopped: Callable[[], bool],
) -> None:
    """Runs a comparison and sends its report.

    Raises:
        Refusal: when something that the recipe names is not here, or no layout fits.
    """
    from components.engine.compare import run_comparison

    reporter = ComparisonReporter(recipe.training.epochs, send, stopped)
    report = run_comparison(recipe, comparison, facts, files, folder, reporter)
    reporter.flush()
    if report is not None:
        send({"report": report})
