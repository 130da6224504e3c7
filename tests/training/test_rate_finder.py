"""The range test: its losses are those of plain Keras, and its suggestion lies where training works."""

import keras
import numpy as np
import pytest

from components.commands.rate import table
from components.data.samples import Samples
from components.data.split import Splits
from components.recipe import Refusal, Target
from components.training import prepare
from components.training.batches import training_batches
from components.training.frozen import halves
from components.training.rate_finder import find_rate
from components.training.rate_test import CALM, growing_rates, rate_test, smooth, suggest


def in_plain_keras(model, optimizer, digits, recipe):
    """The losses of a hand-written range test on the same batches, up to the first that is no number."""
    samples, splits = digits
    x, y = samples.inputs["x"][splits.training], samples.target[splits.training]
    model.compile(optimizer, "sparse_categorical_crossentropy", jit_compile=False)
    batches, epoch = training_batches([x], [y], recipe.training.batch_size, recipe.seed)
    losses, number = [], 0
    rates = iter([1e-7 * 10 ** (step / 20) for step in range(161)])
    while True:
        epoch.assign(number)
        for batch in batches:
            rate = next(rates, None)
            if rate is None:
                return losses
            model.optimizer.learning_rate.assign(rate)
            losses.append(float(model.train_on_batch(*batch)))
            model.reset_metrics()
        number += 1


@pytest.mark.parametrize(
    ("settings", "optimizer"),
    [
        ({"schedule": "cosine", "warm_up": 3, "weight_averaging": 0.9}, keras.optimizers.Adam),
        (
            {"optimizer": "sgd", "momentum": 0.9, "clip_norm": 1.0},
            lambda: keras.optimizers.SGD(momentum=0.9, global_clipnorm=1.0),
        ),
    ],
)
def test_losses_are_those_of_plain_keras_on_the_same_batches(digits, recipe, network, settings, optimizer):
    asked = recipe(batch_size=50, seed=3, **settings)
    found = find_rate(asked, network(), *digits)
    keras.utils.set_random_seed(3)
    expected = in_plain_keras(network(), optimizer(), digits, asked)
    steps = len(found.losses)
    assert steps > 100
    np.testing.assert_allclose(found.rates, 1e-7 * 10 ** (np.arange(steps) / 20), rtol=1e-6)
    # Behind the least loss the steps are so large that the last digit of a float grows into the first.
    calm = int(np.argmin(found.smoothed))
    np.testing.assert_allclose(found.losses[:calm], expected[:calm], atol=1e-5)
    assert found.rates[CALM] < found.suggestion < 1


@pytest.mark.parametrize("scale", [pytest.param(0.5, marks=pytest.mark.nightly), 30.0])
def test_a_quadratic_gets_a_rate_about_its_best(recipe, scale):
    # Inputs without correlation and of one variance make the loss a bowl of the curvature 2 · variance: the rate
    # 1 / curvature is the best, in one step to the ground, and from twice that on gradient descent diverges.
    white = np.linalg.qr(np.random.default_rng(0).normal(size=(240, 64)))[0] * np.sqrt(240) * scale
    samples = Samples({"x": white.astype(np.float32)}, white @ np.ones(64) / scale, "regression", np.arange(240))
    everything = Splits(*[np.arange(240)] * 3)
    x = keras.Input((64,))
    model = keras.Model(x, keras.layers.Dense(1, use_bias=False)(x))
    asked = recipe(Target(name="y", task="regression"), optimizer="sgd", batch_size=240)
    best = 1 / (2 * scale**2)
    assert best / 10 < find_rate(asked, model, samples, everything).suggestion < 1.5 * best


def test_smoothing_is_the_mean_with_weights_that_halve():
    losses = np.random.default_rng(0).random(30)
    expected = [np.average(losses[: n + 1], weights=0.9 ** np.arange(n, -1, -1)) for n in range(30)]
    np.testing.assert_allclose(smooth(losses), expected, atol=1e-12)


def test_members_that_are_trained_already_are_not_stopped_by_one_unusual_batch():
    noise = np.random.default_rng(1)
    rates = growing_rates()
    # Most batches are learnt by heart, a few are not, and from 0.03 on the model is spoiled.
    losses = [float(noise.choice([1e-4, 0.05], p=[0.9, 0.1]) + max(0.0, np.log10(rate / 0.03))) for rate in rates]
    assert 1e-3 < suggest(rates, losses) < 0.01


def test_nothing_is_suggested_where_the_loss_is_lost_at_once(digits, recipe):
    x = keras.Input((64,))
    model = keras.Model(x, keras.layers.Dense(1)(x))
    samples = Samples({"x": digits[0].inputs["x"] * 1e9}, digits[0].target * 1e9, "regression", digits[0].rows)
    asked = recipe(Target(name="digit", task="regression"), optimizer="sgd")
    found = find_rate(asked, model, samples, digits[1])
    assert found.suggestion is None and len(found.losses) <= CALM and all(map(np.isfinite, found.losses))
    assert "no rate can be suggested" in found.notes[0]


def test_a_test_ends_in_time_and_says_so(digits, recipe, network):
    found = find_rate(recipe(), network(), *digits, longest=0.0)
    assert found.losses == () and "ended after 0 seconds" in found.notes[0]


def test_what_cannot_be_trained_is_refused(digits, recipe, network):
    model = network()
    model.trainable = False
    with pytest.raises(Refusal, match="Nothing in this model can be trained"):
        find_rate(recipe(), model, *digits)


def test_features_of_what_is_frozen_change_no_loss(digits, recipe, network, monkeypatch):
    found = []
    for cut in (halves, lambda model, samples: None):
        monkeypatch.setattr(prepare, "halves", cut)
        member = network(units=12)
        member.trainable = False
        x = keras.Input((64,))
        keras.utils.set_random_seed(2)
        model = keras.Model(x, keras.layers.Dense(10, "softmax")(member(x)))
        member.layers[-2].rate = 0.0
        found.append(find_rate(recipe(batch_size=100), model, *digits))
    least = int(np.argmin(found[0].smoothed))
    np.testing.assert_allclose(found[0].losses[:least], found[1].losses[:least], atol=1e-5)


def test_the_table_has_two_rates_a_decade_and_the_suggestion():
    lines = table(rate_test(growing_rates()[:81], [2.0 - step / 81 for step in range(81)])).splitlines()
    assert [float(line.split()[0]) for line in lines[1:-1]] == pytest.approx([1e-7 * 10 ** (n / 2) for n in range(9)], rel=0.05)
    assert lines[-1] == "Suggested learning rate: 0.0001"


@pytest.mark.parametrize("seed", range(20))
def test_first_batches_that_are_easy_by_chance_do_not_make_a_tiny_rate(seed):
    noise = np.random.default_rng(seed)
    rates = growing_rates()
    losses = [float(noise.gamma(0.5, 0.1) + max(0.0, np.log10(rate / 0.1))) for rate in rates]
    losses[0] = 1e-6
    assert 2e-3 < suggest(rates, losses) < 0.05
