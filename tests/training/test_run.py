import itertools
import math
import time

import keras
import numpy as np
import pytest
from sklearn.utils.class_weight import compute_class_weight

from components.data.samples import Samples
from components.data.split import split
from components.recipe import FusionGraph, InputNode, OutputNode, Refusal, Split, Target
from components.training import pace, watch
from components.training.batches import training_batches
from components.training.run import PENALTIES, has_penalties, train
from components.training.scores import loss_and_metric


def never():
    return False


def plain_fit(model, digits, recipe, optimizer, rate):
    """What plain Keras does with the same batches: loss and samples of every step, loss and accuracy after every epoch.

    `rate` gives the learning rate from the epochs done, as a fraction, and from the validation losses so far.
    """
    samples, splits = digits
    x, y, settings = samples.inputs["x"], samples.target, recipe.training
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"], jit_compile=False)
    batches, number = training_batches([x[splits.training]], [y[splits.training]], settings.batch_size, recipe.seed)
    losses, sizes, validations = [], [], []
    for epoch in range(settings.epochs):
        number.assign(epoch)
        for number_of_batch, batch in enumerate(batches):
            model.reset_metrics()
            optimizer.learning_rate = rate(epoch + number_of_batch / len(batches), [loss for loss, _ in validations])
            losses.append(float(model.train_on_batch(*batch)[0]))
            sizes.append(len(batch[1]))
        validations.append(model.evaluate(x[splits.validation], y[splits.validation], verbose=0))
    return losses, sizes, validations


def points_of(recipe, model, digits, stop=never):
    points = []
    trained = train(recipe, model, *digits, points.append, stop)
    return trained, [p for p in points if p.split == "training"], [p for p in points if p.split == "validation"]


def on_plateau(epochs, losses):
    """Half the rate after each epoch that is not better than the best by 0.0001."""
    rate, best = 0.1, math.inf
    for loss in losses:
        rate, best = (rate, loss) if loss < best - 1e-4 else (rate / 2, best)
    return rate


def with_warm_up(epochs, losses):
    # There are 22 batches of 50 in an epoch.
    return 0.01 * (epochs + 1 / 22) if epochs < 1 else 0.01 * 0.5 ** int(epochs - 1 + 1e-6)


SETTINGS = {
    "adam": ({}, keras.optimizers.Adam, lambda epochs, losses: 0.01),
    "momentum": (
        {"optimizer": "sgd", "momentum": 0.9, "clip_norm": 0.5},
        lambda: keras.optimizers.SGD(momentum=0.9, global_clipnorm=0.5),
        lambda epochs, losses: 0.01,
    ),
    "cosine": (
        {"optimizer": "adamw", "weight_decay": 0.02, "schedule": "cosine"},
        lambda: keras.optimizers.AdamW(weight_decay=0.02),
        lambda epochs, losses: 0.005 * (1 + math.cos(math.pi * epochs / 3)),
    ),
    "warm-up": (
        {"optimizer": "sgd", "schedule": "step", "decay_epochs": 1, "warm_up": 1},
        keras.optimizers.SGD,
        with_warm_up,
    ),
    "plateau": (
        {"optimizer": "sgd", "momentum": 0.9, "learning_rate": 0.1, "schedule": "plateau", "decay_epochs": 1, "epochs": 5},
        lambda: keras.optimizers.SGD(momentum=0.9),
        on_plateau,
    ),
}
"""By name: the settings, an optimizer of plain Keras, and the learning rate that it is given by hand."""


@pytest.mark.parametrize(("many", "name"), [(1, "adam"), *((16, name) for name in SETTINGS)])
def test_a_run_is_plain_keras_on_the_same_batches(digits, recipe, network, monkeypatch, many, name):
    settings, optimizer, rate = SETTINGS[name]
    digits = noise() if name == "plateau" else digits
    monkeypatch.setattr(watch, "SECONDS_BETWEEN_POINTS", 0)
    monkeypatch.setattr(pace, "MANY_STEPS", many)
    monkeypatch.setattr(pace, "LONGEST_CALL", 60)
    asked = recipe(**{"epochs": 3, "batch_size": 50, "learning_rate": 0.01, "seed": 3, **settings})
    losses, sizes, validations = plain_fit(network(), digits, asked, optimizer(), rate)
    model = network()
    trained, training, validation = points_of(asked, model, digits)
    steps = [0, *(point.step for point in training)]
    expected = [np.average(losses[a:b], weights=sizes[a:b]) for a, b in itertools.pairwise(steps)]
    np.testing.assert_allclose([p.loss for p in training], expected, atol=1e-5)
    np.testing.assert_allclose([(p.loss, p.metric) for p in validation[1:]], validations, atol=1e-5)
    assert [p.epoch for p in validation] == list(range(asked.training.epochs + 1)) and trained.steps == len(losses) == steps[-1]
    if name == "plateau":
        assert rate(0, [loss for loss, _ in validations]) < 0.1
    assert len(training) == len(losses) if many == 1 else len(training) < len(losses)


def test_balanced_classes_count_as_in_scikit_learn_and_keras(digits, recipe, network):
    samples, splits = digits
    x, y = samples.inputs["x"], np.minimum(samples.target, 2)
    rare = Samples(samples.inputs, y, "multiclass", samples.rows)
    target = Target(name="digit", task="multiclass", classes=tuple("abc"))
    asked = recipe(target, epochs=2, batch_size=50, optimizer="sgd", learning_rate=0.1, balance_classes=True)
    ours, plain = network(units=3), network(units=3)
    points_of(asked.model_copy(update={"seed": 1}), ours, (rare, splits))
    plain.compile(keras.optimizers.SGD(0.1), "sparse_categorical_crossentropy", metrics=["accuracy"], jit_compile=False)
    batches, number = training_batches([x[splits.training]], [y[splits.training]], 50, 1)
    weights = compute_class_weight("balanced", classes=np.arange(3), y=y[splits.training])
    assert weights[0] > 2 > 1 > weights[2]
    for epoch in range(2):
        number.assign(epoch)
        for batch in batches:
            plain.train_on_batch(*batch, class_weight=dict(enumerate(weights)))
    for one, other in zip(ours.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_averaged_weights_are_the_recursion_and_the_steps_do_not_feel_them(digits, recipe, network):
    samples, splits = digits
    asked = recipe(epochs=2, batch_size=100, optimizer="sgd", learning_rate=0.1, weight_averaging=0.8)
    ours, plain = network(), network()
    trained, _, _ = points_of(asked, ours, digits)
    plain.compile(keras.optimizers.SGD(0.1), "sparse_categorical_crossentropy", jit_compile=False)
    x, y = samples.inputs["x"][splits.training], samples.target[splits.training]
    batches, number = training_batches([x], [y], 100, asked.seed)
    averages = None
    for epoch in range(2):
        number.assign(epoch)
        for batch in batches:
            plain.train_on_batch(*batch)
            now = [variable.numpy() for variable in plain.trainable_variables]
            averages = now if averages is None else [0.8 * a + 0.2 * b for a, b in zip(averages, now, strict=True)]
    assert trained.best_epoch == 2
    for one, other in zip(ours.trainable_variables, averages, strict=True):
        np.testing.assert_allclose(one.numpy(), other, atol=1e-5)


def test_an_epoch_holds_every_sample_once_and_another_order_each_time():
    numbers = np.arange(101)
    batches, number = training_batches([numbers], [numbers], 20, seed=0)
    epochs = []
    for epoch in (0, 1, 0):
        number.assign(epoch)
        epochs.append(np.concatenate([x.numpy() for x, _ in batches]))
    for epoch in epochs:
        np.testing.assert_array_equal(np.sort(epoch), numbers)
    assert len(batches) == 6 and not np.array_equal(epochs[0], epochs[1])
    np.testing.assert_array_equal(epochs[0], epochs[2])


def noise(count=600):
    """Samples from which nothing can be learnt but by heart: the longer the training, the worse the validation loss."""
    rng = np.random.default_rng(0)
    samples = Samples({"x": rng.random((count, 64), np.float32)}, rng.integers(0, 10, count), "multiclass", np.arange(count))
    return samples, split(samples, Split())


def test_the_weights_of_the_best_epoch_are_kept(recipe, network):
    model = network()
    samples, splits = noise()
    trained, _, validation = points_of(recipe(epochs=8, learning_rate=0.02), model, (samples, splits))
    losses = [point.loss for point in validation]
    assert trained.best_epoch == int(np.argmin(losses)) < trained.epochs == 8
    x, y = samples.inputs["x"][splits.validation], samples.target[splits.validation]
    probabilities = model.predict(x, verbose=0)
    assert -np.log(probabilities[np.arange(len(y)), y]).mean() == pytest.approx(min(losses), rel=1e-4)


def test_patience_ends_the_run(recipe, network):
    trained, _, validation = points_of(recipe(epochs=50, learning_rate=0.02, patience=2), network(), noise())
    assert trained.epochs == trained.best_epoch + 2 < 50
    assert len(validation) == trained.epochs + 1


def test_a_run_that_only_harms_gives_back_what_it_began_with(digits, recipe, network):
    model = network()
    points_of(recipe(epochs=5, learning_rate=0.01), model, digits)
    before = model.get_weights()
    trained, _, _ = points_of(recipe(epochs=2, learning_rate=1, optimizer="rmsprop"), model, digits)
    assert trained.best_epoch == 0 and "No epoch was better" in trained.notes[0]
    for kept, first in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(kept, first)


def test_not_a_number_ends_the_run_with_finite_weights(digits, recipe):
    x = keras.Input((64,))
    model = keras.Model(x, keras.layers.Dense(1)(x))
    samples, splits = digits
    numbers = Samples(samples.inputs, samples.target.astype(np.float32), "regression", samples.rows)
    asked = recipe(Target(name="digit", task="regression"), optimizer="sgd", learning_rate=10, epochs=200)
    trained, training, validation = points_of(asked, model, (numbers, splits))
    assert (
        trained.epochs < 200
        and "no longer a number at step" in trained.notes[0]
        and "learning rate (it is 10)" in trained.notes[0]
    )
    assert all(np.isfinite(weight).all() for weight in model.get_weights())
    [broken] = [point for point in (*training, *validation) if not math.isfinite(point.loss)]
    assert broken.step == trained.steps and f"at step {broken.step}" in trained.notes[0]


@pytest.mark.parametrize(("count", "epochs"), [(500_000, 1), (1000, 10_000)])
def test_a_stop_is_heard_within_a_second(recipe, network, count, epochs):
    # One long epoch, in whose middle the stop comes, or thousands of short ones.
    rng = np.random.default_rng(0)
    samples = Samples({"x": rng.random((count, 64), np.float32)}, rng.integers(0, 10, count), "multiclass", np.arange(count))
    points, asked = [], []

    def stop():
        if sum(point.split == "training" for point in points) < 3:
            return False
        asked.append(time.monotonic())
        return True

    trained = train(recipe(epochs=epochs, batch_size=4), network(), samples, split(samples, Split()), points.append, stop)
    assert time.monotonic() - asked[0] < 1
    assert trained.stopped and trained.epochs < epochs and trained.steps == points[-1].step


def test_training_points_come_ten_times_a_second_at_most(recipe, network, digits):
    times = []

    def report(point):
        if point.split == "training":
            times.append(time.monotonic())

    train(recipe(epochs=400, batch_size=8), network(), *digits, report, lambda: len(times) > 20)
    gaps = np.diff(times[:-1])
    assert gaps.min() >= watch.SECONDS_BETWEEN_POINTS and np.median(gaps) < 0.3


@pytest.mark.parametrize("optimizer", ["adamw", "sgd", "rmsprop"])
def test_the_other_optimizers_learn(optimizer, digits, recipe, network):
    _, _, validation = points_of(recipe(optimizer=optimizer, epochs=1, learning_rate=0.01), network(), digits)
    assert validation[-1].loss < validation[0].loss


def test_the_curve_counts_penalties_as_keras_does_and_a_note_says_so(digits, recipe, network):
    keras.utils.set_random_seed(0)
    x = keras.Input((64,), name="x")
    model = keras.Model(x, keras.layers.Dense(10, "softmax", kernel_regularizer=keras.regularizers.L2(0.1))(x))
    samples, splits = digits
    predicted = model.predict(samples.inputs["x"][splits.validation], verbose=0)
    alone, _ = loss_and_metric("multiclass", predicted, samples.target[splits.validation])
    penalty = 0.1 * (model.get_weights()[0].astype(np.float64) ** 2).sum()
    trained, _, [start, *_] = points_of(recipe(epochs=1), model, digits)
    assert start.loss == pytest.approx(alone + penalty, rel=1e-5) and penalty > 0.5
    assert PENALTIES in trained.notes
    model.trainable = False
    assert not has_penalties(model) and not has_penalties(network())


def test_a_model_without_trainable_weights_is_measured_and_told(digits, recipe, network):
    model = network()
    model.trainable = False
    trained, training, validation = points_of(recipe(epochs=5), model, digits)
    assert (trained.steps, trained.epochs, training, len(validation)) == (0, 0, [], 1)
    assert "Nothing in this model can be trained" in trained.notes[0]


def test_a_graph_that_no_gradient_passes_is_refused(digits, recipe, network):
    x = keras.Input((64,))
    vote = keras.ops.one_hot(keras.ops.argmax(keras.layers.Dense(10)(x), axis=-1), 10)
    with pytest.raises(Refusal, match="No gradient reaches"):
        points_of(recipe(epochs=1), keras.Model(x, vote), digits)


def test_two_outputs_train_as_each_would_alone_and_report_their_weighted_mean(digits, recipe):
    def outputs(x, seed):
        keras.utils.set_random_seed(seed)
        return keras.layers.Dense(10, activation="softmax", name=f"head-{seed}")(x)

    # Without momentum a weighted loss is a weighted learning rate.
    rate, weights = 0.05, (3.0, 0.5)
    asked = recipe(epochs=2, batch_size=64, learning_rate=rate, optimizer="sgd")
    nodes = tuple(InputNode(id=f"x-{name}", shape=(64,), data="x") for name in "ab")
    ends = tuple(
        OutputNode(id=f"y-{name}", inputs=(f"x-{name}",), loss_weight=weight)
        for name, weight in zip("ab", weights, strict=True)
    )
    joint = asked.model_copy(update={"graph": FusionGraph(nodes=(*nodes, *ends))})
    a, b = keras.Input((64,), name="a"), keras.Input((64,), name="b")
    together = points_of(joint, keras.Model([a, b], [outputs(a, 1), outputs(b, 2)]), digits)[2]
    alone = [
        points_of(recipe(epochs=2, batch_size=64, learning_rate=rate * weight, optimizer="sgd"), model, digits)[2]
        for model, weight in zip((keras.Model(x, outputs(x, seed)) for x, seed in ((a, 1), (b, 2))), weights, strict=True)
    ]
    for both, *single in zip(together, *alone, strict=True):
        assert both.loss == pytest.approx(np.average([point.loss for point in single], weights=weights), abs=1e-5)
        assert both.metric == pytest.approx(np.mean([point.metric for point in single]), abs=1e-6)


def test_outputs_that_do_not_fit_the_target_are_refused(digits, recipe, network):
    with pytest.raises(Refusal, match="needs 10 units"):
        points_of(recipe(epochs=1), network(units=7), digits)


def test_inputs_that_the_data_do_not_have_are_refused(digits, recipe, network):
    asked = recipe(epochs=1)
    graph = FusionGraph(nodes=(InputNode(id="z", shape=(64,)), OutputNode(id="y", inputs=("z",))))
    with pytest.raises(Refusal, match="takes the input z; the data have x"):
        points_of(asked.model_copy(update={"graph": graph}), network(), digits)
