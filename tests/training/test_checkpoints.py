"""A run that is cut off and taken up again is the run that was never cut off, to the bit."""

import math
import random

import keras
import numpy as np
import pytest

from components.data.samples import Samples
from components.training import keeper, pace, watch
from components.training.batches import training_batches
from components.training.checkpoint import read_checkpoint, write_checkpoint
from components.training.keeper import Keeper
from components.training.run import train
from tests.training.test_frozen import fused
from tests.training.test_head_first import fused as member_and_head


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
    "averaged weights": (lambda network: network(), {"optimizer": "sgd", "momentum": 0.9, "weight_averaging": 0.8, "many": 1}),
    "plateau": (lambda network: network(), {"optimizer": "rmsprop", "schedule": "plateau", "decay_epochs": 1, "rate": 0.05}),
    "warm-up": (lambda network: network(), {"schedule": "cosine", "warm_up": 1, "patience": 2}),
    "features": (lambda network: fused(True, False), {"balance_classes": True}),
    "two phases": (lambda network: member_and_head(rate=0.1), {"head_epochs": 2, "precision": "mixed_float16", "rate": 0.02}),
}


@pytest.mark.parametrize("name", RUNS)
def test_a_run_cut_off_twice_is_the_run_that_was_not(name, digits, recipe, network, tmp_path, monkeypatch):
    make, settings = RUNS[name]
    settings = {"many": 4, "rate": 0.01, **settings}
    monkeypatch.setattr(pace, "MANY_STEPS", settings.pop("many"))
    asked = recipe(epochs=3, batch_size=40, learning_rate=settings.pop("rate"), **settings)
    whole, expected = run(asked, models := make(network), digits)
    points, path = [], tmp_path / "checkpoint.npz"
    # Once anywhere, and once when the steps of an epoch are made and its validation is not.
    validations = [number for number, point in enumerate(expected, 1) if point.split == "validation"]
    chance = random.Random(name)
    for cut in sorted([chance.randrange(2, len(expected) - 1), chance.choice(validations[1:-1])]):
        with pytest.raises(Cut):
            run(asked, make(network), digits, path, points, [cut])
    trained, points = run(asked, model := make(network), digits, path, points)
    assert points == expected
    assert (trained.steps, trained.epochs, trained.best_epoch) == (whole.steps, whole.epochs, whole.best_epoch)
    for one, other in zip(model.variables, models.variables, strict=True):
        np.testing.assert_array_equal(one.numpy(), other.numpy())


@pytest.mark.parametrize("name", ["averaged weights", "plateau"])
def test_a_run_paused_within_an_epoch_and_at_its_end_is_the_run_that_was_not(
    name, digits, recipe, network, tmp_path, monkeypatch
):
    monkeypatch.setattr(pace, "MANY_STEPS", 4)
    settings = {"rate": 0.01, **RUNS[name][1]}
    settings.pop("many", None)
    asked = recipe(epochs=3, batch_size=40, learning_rate=settings.pop("rate"), **settings)
    _, expected = run(asked, whole := network(), digits)
    points, path = [], tmp_path / "checkpoint.npz"
    for pause in (lambda point: point.epoch > 0.5, lambda point: point.epoch == 2 and point.split == "training"):
        model = network()
        trained, _ = run(asked, model, digits, path, points, stop=lambda pause=pause: points and pause(points[-1]))
        assert trained.stopped and len(points) < len(expected)
    run(asked, model := network(), digits, path, points)
    assert points == expected
    for one, other in zip(model.variables, whole.variables, strict=True):
        np.testing.assert_array_equal(one.numpy(), other.numpy())


def test_within_a_long_epoch_the_last_good_weights_are_those_of_the_last_checkpoint(digits, recipe, tmp_path, monkeypatch):
    samples, splits = digits
    monkeypatch.setattr(pace, "MANY_STEPS", 1)
    x = samples.inputs["x"].copy()
    broken = splits.training[batches_of(splits.training, 20)[30]]
    x[broken] = np.nan
    keras.utils.set_random_seed(0)
    inputs = keras.Input((64,))
    model = keras.Model(inputs, keras.layers.Dense(10, "softmax")(inputs))
    hurt = Samples({"x": x}, samples.target, "multiclass", samples.rows)
    trained, points = run(
        recipe(epochs=1, batch_size=20, learning_rate=0.01), model, (hurt, splits), tmp_path / "checkpoint.npz"
    )
    assert trained.best_epoch == 0 and "of the checkpoint at step 30" in trained.notes[0] and "at step 31" in trained.notes[0]
    assert math.isnan(points[-1].loss) and points[-1].step == 31
    assert model.evaluate(x[splits.validation], samples.target[splits.validation], verbose=0)[0] < points[0].loss


def batches_of(positions, size, seed=0):
    """The positions within each batch of the first epoch."""
    batches, _ = training_batches([np.arange(len(positions))], [np.arange(len(positions))], size, seed)
    return [x.numpy() for x, _ in batches]


def test_a_single_number_among_the_weights_is_kept(tmp_path):
    layer = keras.layers.Normalization()
    layer.adapt(np.arange(6.0).reshape(3, 2))
    write_checkpoint(tmp_path / "kept.npz", {}, {"best": layer.get_weights()})
    kept = read_checkpoint(tmp_path / "kept.npz").arrays["best"]
    assert [np.asarray(each).tolist() for each in kept] == [np.asarray(each).tolist() for each in layer.get_weights()]
