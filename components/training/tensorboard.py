"""The curves of a run as TensorBoard reads them."""

from __future__ import annotations

import tempfile
import time
import zipfile
from collections.abc import Sequence
from pathlib import Path

import tensorflow as tf

from components.training.events import Metric, Point

VERSION = "brain.Event:2"
"""What the first record of an event file says."""


def write_event_files(points: Sequence[Point], metric: Metric, path: Path) -> None:
    """Writes a ZIP of event files, one folder for each split, so that TensorBoard draws the splits in one chart.

    Their times are those of writing; what counts is the step.

    Args:
        points: The points of the curves.
        metric: What the second curve is called; the others are `loss`, `epoch` and, where it is known,
            `learning_rate`.
        path: The archive.
    """
    now = time.time()
    # TensorFlow's own `tf.summary` needs TensorBoard's package, which is no dependency.
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for split in dict.fromkeys(point.split for point in points):
            file = Path(folder, f"{split}.tfevents")
            with tf.io.TFRecordWriter(str(file)) as writer:
                writer.write(tf.compat.v1.Event(wall_time=now, file_version=VERSION).SerializeToString())
                for point in points:
                    if point.split == split:
                        writer.write(_event(point, metric, now).SerializeToString())
            archive.write(file, f"{split}/events.out.tfevents.{int(now)}.tributary")


def _event(point: Point, metric: Metric, now: float) -> tf.compat.v1.Event:
    values = {"loss": point.loss, metric: point.metric, "epoch": point.epoch}
    if point.learning_rate is not None:
        values["learning_rate"] = point.learning_rate
    summary = tf.compat.v1.Summary(
        value=[tf.compat.v1.Summary.Value(tag=name, simple_value=value) for name, value in values.items()]
    )
    return tf.compat.v1.Event(wall_time=now, step=point.step, summary=summary)
