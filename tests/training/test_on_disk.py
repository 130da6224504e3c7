"""Training from disk is training from memory, to the last bit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from components.data.on_disk import OnDisk, taken
from components.training import frozen
from components.training.alone import predict
from components.training.run import train
from tests.training.test_frozen import fused


@pytest.fixture
def on_disk(digits, tmp_path):
    """The digits as float64 in a larger file, their rows in another order, with gaps that are filled again."""
    samples, splits = digits
    x = samples.inputs["x"]
    count, width = x.shape
    rows = np.random.default_rng(0).permutation(2 * count)[:count]
    source = np.memmap(tmp_path / "x", np.float64, "w+", shape=(2 * count, width + 2))
    source[:] = 7
    source[rows, 1:-1] = x[:, ::-1]
    zeros = source == 0
    source[zeros] = np.nan
    places = np.arange(width, 0, -1)
    values = OnDisk(source, rows, (width,), places, np.zeros(width, np.float32))
    assert zeros.sum() > 1000 and np.array_equal(values[:], x)
    return replace(samples, inputs={"x": values}), splits


@pytest.mark.parametrize("members", [(False, False), (True, False)])
def test_a_run_from_disk_is_the_run_from_memory(digits, on_disk, recipe, monkeypatch, members):
    monkeypatch.setattr(frozen, "MOST_IN_MEMORY", 0)
    asked = recipe(epochs=2, batch_size=50, learning_rate=0.01, balance_classes=True)
    weights, curves = [], []
    for samples, splits in (digits, on_disk):
        model, points = fused(*members), []
        train(asked, model, samples, splits, points.append, lambda: False)
        weights.append(b"".join(each.tobytes() for each in model.get_weights()))
        curves.append([(point.step, point.loss, point.metric) for point in points if point.split == "validation"])
    assert curves[0] == curves[1] and len(curves[0]) == 3
    assert weights[0] == weights[1]


def test_predictions_from_disk_are_those_from_memory(digits, on_disk):
    model, part = fused(), digits[1].test
    [first], [second] = (predict(model, [taken(samples.inputs["x"], part)]) for samples, _ in (digits, on_disk))
    assert first.tobytes() == second.tobytes()
