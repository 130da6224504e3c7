"""A run that is cut off and taken up again is the run that was never cut off, to the bit."""

import random

import numpy as np
import pytest

from components.training import keeper, pace, watch
from components.training.keeper import Keeper
from components.training.run import train
from tests.training.test_frozen import fused


class Cut(Exception):
    """The run ends here, without a chance to do anything more."""


@pytest.fixture(autouse=True)
def every_call(monkeypatch):
    """A point for every call of TensorFlow, and a checkpoint after every one."""
    monkeypatch.setattr(watch, "SECONDS_BETWEEN_POINTS", 0)
    monkeypatch.setattr(pace, "LONGEST_CALL", 60)
    for name in ("SECONDS_BETWEEN_EPOCHS", "SECONDS_WITHIN_EPOCH"):
        monkeypatch.setattr(keeper, name, 0)
    monkeypatch.setattr(keeper, "LARGEST_SHARE", 1e9)


def run(recipe, model, digits, path=None, points=None, cut=(), stop=lambda: False):
    """Trains with a checkpoint at `path`; ends like a killed process when there are as many points as one of `cut`."""
    points = [] if points is None else points
    kept = Keeper(recipe, path)
    del points[kept.found.state["watch"]["told"] if kept.found else 0 :]

    def report(point):
        points.append(point)
        if len(points) in cut:
            raise Cut

    return train(recipe, model, *digits, report, stop, kept), points


RUNS = {
    "dropout": (lambda network: network(), {}),
    "one step a call": (lambda network: network(), {"many": 1}),
    "averaged weights": (lambda network: network(), {"optimizer": "sgd", "momentum": 0.9, "weight_averaging": 0.8}),
    "plateau": (lambda network: network(), {"optimizer": "rmsprop", "schedule": "plateau", "decay_epochs": 1, "rate": 0.05}),
    "warm-up": (lambda network: network(), {"schedule": "cosine", "warm_up": 1, "patience": 2}),
    "features": (lambda network: fused(True, False), {"balance_classes": True}),
}


@pytest.mark.parametrize("name", RUNS)
def test_a_run_cut_off_twice_is_the_run_that_was_not(name, digits, recipe, network, tmp_path, monkeypatch):
    make, settings = RUNS[name]
    monkeypatch.setattr(pace, "MANY_STEPS", settings.pop("many", 4))
    asked = recipe(epochs=4, batch_size=40, learning_rate=settings.pop("rate", 0.01), **settings)
    whole, expected = run(asked, models := make(network), digits)
    points, path = [], tmp_path / "checkpoint.npz"
    cuts = random.Random(name).sample(range(2, len(expected) - 1), 2)
    for cut in sorted(cuts):
        with pytest.raises(Cut):
            run(asked, make(network), digits, path, points, [cut])
    trained, points = run(asked, model := make(network), digits, path, points)
    assert points == expected
    assert (trained.steps, trained.epochs, trained.best_epoch) == (whole.steps, whole.epochs, whole.best_epoch)
    for one, other in zip(model.variables, models.variables, strict=True):
        np.testing.assert_array_equal(one.numpy(), other.numpy())
