"""The curves of a run as a table."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from io import StringIO

from components.training.events import Metric, Point


def history_csv(points: Iterable[Point], metric: Metric) -> str:
    """The points as CSV with all digits: step, epoch, split, loss, and the metric under its own name."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["step", "epoch", "split", "loss", metric])
    writer.writerows([point.step, point.epoch, point.split, point.loss, point.metric] for point in points)
    return text.getvalue()
