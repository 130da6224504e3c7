"""The curves of a run as a table, and the file in which they grow while it trains."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterable
from io import StringIO
from pathlib import Path

from components.training.events import Metric, Point


def history_csv(points: Iterable[Point], metric: Metric) -> str:
    """The points as CSV with all digits: step, epoch, split, loss, the metric under its own name, and the learning rate."""
    return _csv([["step", "epoch", "split", "loss", metric, "learning_rate"]]) + _csv(map(_row, points))


class History:
    """A run's points, in memory and in a file that holds those of them that were saved."""

    def __init__(self, path: Path, metric: Metric) -> None:
        self.points: list[Point] = []
        self._path, self._metric = path, metric
        self._saved = self._size = 0

    def save(self) -> None:
        """Adds to the file what it lacks.

        Raises:
            OSError: when the disk is full, or the file cannot be written. It holds what it held.
        """
        text = _csv(map(_row, self.points[self._saved :])) if self._size else history_csv(self.points, self._metric)
        with open(self._path, "r+b" if self._size else "wb") as file:
            # What an attempt left that failed halfway is written over.
            file.seek(self._size)
            file.write(text.encode())
            file.truncate()
        self._saved, self._size = len(self.points), self._size + len(text.encode())

    def take_up(self, count: int) -> None:
        """Goes on after the first `count` points of the file."""
        with open(self._path, encoding="utf-8", newline="") as file:
            rows = list(itertools.islice(csv.reader(file), 1, count + 1))
        self.points = [
            Point.model_validate(
                {"step": step, "epoch": epoch, "split": split, "loss": loss, "metric": metric, "learning_rate": rate or None}
            )
            for step, epoch, split, loss, metric, rate in rows
        ]
        self._saved, self._size = len(self.points), len(history_csv(self.points, self._metric).encode())


def _row(point: Point) -> list[object]:
    return [point.step, point.epoch, point.split, point.loss, point.metric, point.learning_rate]


def _csv(rows: Iterable[list[object]]) -> str:
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
