"""Event files hold every point, read by TensorFlow's own reader of records."""

from __future__ import annotations

import math
import zipfile
from pathlib import Path

import numpy as np
import tensorflow as tf

from components.training.events import Point
from components.training.tensorboard import write_event_files


def scalars(file: Path) -> list[tuple[int, str, float]]:
    """What an event file holds: step, name, value."""
    return [
        (event.step, value.tag, value.simple_value)
        for record in tf.data.TFRecordDataset(str(file))
        for event in [tf.compat.v1.Event.FromString(record.numpy())]
        for value in event.summary.value
    ]


def test_every_point_is_in_the_file_of_its_split(tmp_path: Path) -> None:
    points = [
        Point(step=0, epoch=0.0, split="validation", loss=2.5, metric=0.125),
        Point(step=3, epoch=0.5, split="training", loss=1e-30, metric=0.5, learning_rate=0.01),
        Point(step=6, epoch=1.0, split="training", loss=math.nan, metric=0.25),
        Point(step=6, epoch=1.0, split="validation", loss=math.inf, metric=0.75),
    ]
    write_event_files(points, "accuracy", tmp_path / "logs.zip")
    with zipfile.ZipFile(tmp_path / "logs.zip") as archive:
        archive.extractall(tmp_path / "logs")
    assert {path.name for path in (tmp_path / "logs").iterdir()} == {"training", "validation"}
    for split in ("training", "validation"):
        [file] = (tmp_path / "logs" / split).iterdir()
        expected = [
            (point.step, name, value)
            for point in points
            if point.split == split
            for name, value in (
                ("loss", point.loss),
                ("accuracy", point.metric),
                ("epoch", point.epoch),
                ("learning_rate", point.learning_rate),
            )
            if value is not None
        ]
        found = scalars(file)
        assert [each[:2] for each in found] == [each[:2] for each in expected]
        np.testing.assert_array_equal([each[2] for each in found], np.float32([each[2] for each in expected]))
