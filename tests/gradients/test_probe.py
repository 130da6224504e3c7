from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from components.gradients.measure import measure
from components.gradients.probe import Probe
from components.gradients.probe_batch import probe_rows
from components.gradients.tap import Tap
from components.recipe import Recipe, Refusal, Training
from tests.gradients.fused import batch, branch, recipe
from tests.gradients.zoo import ZOO, Case, dense, training_loss

L = keras.layers
every_model = pytest.mark.parametrize("build", ZOO, ids=lambda build: build.__name__)


@pytest.fixture
def double() -> Iterator[None]:
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    yield
    keras.config.set_floatx("float32")
    keras.config.set_dtype_policy("float32")


def measured_norms(case: Case) -> dict[int, float | None]:
    probe = Probe(Recipe(), case.model, case.losses)
    measured = probe(case.inputs, case.target)
    return {
        id(variable): norm
        for owner, norms in zip(probe.owners, measured.variables, strict=True)
        for variable, norm in zip(owner.trainable, norms, strict=True)
    }


@every_model
def test_norms_are_those_of_a_tape_around_keras_own_loss(build: Callable[[], Case]) -> None:
    case = build()
    compute = training_loss(case)
    with tf.GradientTape() as tape:
        loss = compute()
    gradients = tape.gradient(loss, [variable.value for variable in case.model.trainable_variables])
    expected = [np.linalg.norm(np.asarray(tf.convert_to_tensor(gradient), np.float64)) for gradient in gradients]
    found = measured_norms(case)
    assert len(found) == len(expected)
    in_order = [found[id(variable)] for variable in case.model.trainable_variables]
    np.testing.assert_allclose(in_order, expected, rtol=1e-6, atol=1e-6 * np.linalg.norm(expected))


@every_model
def test_norms_are_those_of_central_differences(build: Callable[[], Case], double: None) -> None:
    case = build()
    inputs = list(case.inputs.values())

    @tf.function
    def loss() -> tf.Tensor:
        outputs = case.model(inputs if len(inputs) > 1 else inputs[0], training=True)
        outputs = outputs if isinstance(outputs, list) else [outputs]
        parts = [part(case.target, output) for part, output in zip(case.losses, outputs, strict=True)]
        return tf.add_n([*parts, *case.model.losses])

    step = 1e-5
    found = measured_norms(case)
    for variable in case.model.trainable_variables:
        start = variable.numpy()
        gradient = np.zeros(start.size)
        for place in range(start.size):
            ends = []
            for sign in (1, -1):
                moved = start.flatten()
                moved[place] += sign * step
                variable.assign(moved.reshape(start.shape))
                ends.append(float(loss()))
            gradient[place] = (ends[0] - ends[1]) / (2 * step)
        variable.assign(start)
        assert found[id(variable)] == pytest.approx(np.linalg.norm(gradient), rel=1e-4, abs=1e-8), variable.path


@every_model
def test_every_trainable_variable_is_counted_once(build: Callable[[], Case]) -> None:
    case = build()
    report = measure(Recipe(), case.model, case.inputs, case.target, case.losses)
    compute = training_loss(case)
    with tf.GradientTape() as tape:
        loss = compute()
    gradients = tape.gradient(loss, [variable.value for variable in case.model.trainable_variables])
    whole = float(tf.linalg.global_norm([tf.convert_to_tensor(gradient) for gradient in gradients]))
    assert math.hypot(*(layer.norm or 0.0 for layer in report.layers)) == pytest.approx(whole, rel=1e-6)
    assert sum(layer.variables for layer in report.layers) == len(case.model.trainable_variables)
    assert report.loss == pytest.approx(float(loss), rel=1e-5)


def test_the_rows_of_an_embedding_that_come_up_often_are_summed_before_the_norm() -> None:
    x = keras.Input((3,), dtype="int32")
    model = keras.Model(x, L.Embedding(4, 1)(x))
    probe = Probe(Recipe(), model, lambda target, prediction: keras.ops.sum(prediction))
    [[norm]] = probe({x.name: np.array([[2, 2, 2], [2, 0, 1]], "int32")}, np.zeros(2)).variables
    assert norm == pytest.approx(math.sqrt(4**2 + 1 + 1))


def test_a_sequential_model_is_measured_like_the_same_functional_one() -> None:
    layers = [L.Dense(4, activation="tanh", name="first"), L.Dense(1, name="second")]
    sequential = keras.Sequential([keras.Input((3,), name="x"), *layers])
    x = keras.Input((3,), name="x")
    batch, target = np.ones((5, 3), "float32"), np.zeros((5, 1), "float32")
    reports = [
        measure(Recipe(), model, {"x": batch}, target, keras.losses.MeanSquaredError())
        for model in (sequential, keras.Model(x, layers[1](layers[0](x))))
    ]
    assert reports[0] == reports[1]


def test_the_model_is_bit_for_bit_what_it_was() -> None:
    x = keras.Input((6,))
    h = L.GaussianNoise(0.5, seed=3)(L.Dropout(0.5, seed=1)(L.BatchNormalization()(L.Dense(8)(x))))
    model = keras.Model(x, L.Dense(2, activation="softmax")(h))
    batch = np.random.default_rng(0).normal(size=(64, 6)).astype("float32")
    before = [np.array(variable.numpy()) for variable in model.variables]
    probes = [Probe(Recipe(), model, keras.losses.SparseCategoricalCrossentropy()) for _ in range(2)]
    first, second, traced = (probe({x.name: batch}, np.arange(64) % 2) for probe in (*probes, probes[0]))
    for was, variable in zip(before, model.variables, strict=True):
        assert was.tobytes() == variable.numpy().tobytes(), variable.path
    assert second == first
    for name in ("variables", "activations"):
        found, expected = (np.hstack(getattr(measured, name)).astype(float) for measured in (traced, first))
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)
    model(batch, training=True)
    assert any(was.tobytes() != variable.numpy().tobytes() for was, variable in zip(before, model.variables, strict=True))


def test_a_broken_batch_leaves_the_model_as_it_was() -> None:
    x = keras.Input((2,))
    model = keras.Model(x, L.Dense(2, activation="softmax")(L.BatchNormalization()(x)))
    before = [np.array(variable.numpy()) for variable in model.variables]
    probe = Probe(Recipe(), model, keras.losses.CategoricalCrossentropy())
    with pytest.raises((ValueError, tf.errors.InvalidArgumentError)):
        probe({x.name: np.ones((4, 2), "float32")}, np.ones((3, 2), "float32"))
    assert [variable.numpy().tobytes() for variable in model.variables] == [was.tobytes() for was in before]


def test_what_it_measures_does_not_depend_on_the_loss_scale_of_mixed_precision() -> None:
    def build(policy: str) -> keras.Model:
        keras.utils.set_random_seed(0)
        x = keras.Input((4,), name="x")
        h = L.Dense(8, activation="tanh", dtype=policy)(x)
        model = keras.Model(x, L.Dense(3, activation="softmax", dtype="float32")(h))
        model.compile(keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam(), initial_scale=2.0**15))
        return model

    batch = np.random.default_rng(0).normal(size=(32, 4)).astype("float32")
    norms = []
    for policy in ("float32", "mixed_float16"):
        report = measure(Recipe(), build(policy), {"x": batch}, np.arange(32) % 3, keras.losses.SparseCategoricalCrossentropy())
        norms.append([layer.norm for layer in report.layers])
    np.testing.assert_allclose(norms[1], norms[0], rtol=1e-2)


def test_a_probe_without_an_input_of_the_model_is_refused() -> None:
    case = dense()
    with pytest.raises(Refusal, match="no input"):
        Probe(Recipe(), case.model, case.losses)({"other": np.zeros((2, 4))}, np.zeros(2))


def test_the_probe_batch_is_the_same_for_the_same_seed() -> None:
    rows = probe_rows(1000)
    assert len(set(rows.tolist())) == 256 and rows.max() < 1000 and (np.diff(rows) > 0).all()
    assert (rows == probe_rows(1000)).all() and (rows != probe_rows(1000, seed=1)).any()
    assert (probe_rows(10) == np.arange(10)).all()


@every_model
@pytest.mark.parametrize(
    ("settings", "optimizer"),
    [
        ({"optimizer": "adam", "warm_up": 3}, lambda: keras.optimizers.Adam(0.01)),
        ({"optimizer": "sgd", "momentum": 0.9, "clip_norm": 0.1}, lambda: keras.optimizers.SGD(0.01, 0.9, global_clipnorm=0.1)),
    ],
    ids=["adam", "sgd"],
)
def test_an_update_is_that_of_one_step_which_is_not_made(
    build: Callable[[], Case], settings: dict[str, Any], optimizer: Callable[[], keras.Optimizer]
) -> None:
    case = build()
    training = Training(learning_rate=0.01, **settings)
    before = [np.array(variable.numpy()) for variable in case.model.variables]
    report = measure(Recipe(training=training), case.model, case.inputs, case.target, case.losses)
    assert [variable.numpy().tobytes() for variable in case.model.variables] == [was.tobytes() for was in before]
    probe = Probe(Recipe(), case.model, case.losses)
    arrays, targets = list(case.inputs.values()), [case.target] * len(case.losses)
    starts = [[variable.numpy() for variable in owner.trainable] for owner in probe.owners]
    case.model.compile(optimizer(), list(case.losses))
    case.model.train_on_batch(arrays if len(arrays) > 1 else arrays[0], targets if len(targets) > 1 else targets[0])
    for owner, start, layer in zip(probe.owners, starts, report.layers, strict=True):
        if not owner.trainable:
            assert layer.update is None
            continue
        ends = [variable.numpy() for variable in owner.trainable]
        moved = math.hypot(*(float(np.linalg.norm(end - was)) for end, was in zip(ends, start, strict=True)))
        # A weight whose gradient is mere rounding moves by Adam's whole rate, one way or the other.
        assert layer.update == pytest.approx(moved / layer.weight, rel=1e-4, abs=1e-6), layer.layer


def sizes_by_differences(loss: Callable[[np.ndarray], float], at: np.ndarray, step: float = 1e-5) -> float:
    """The norm of a gradient by central differences."""
    gradient = []
    for place in range(at.size):
        ends = []
        for sign in (1, -1):
            moved = at.flatten()
            moved[place] += sign * step
            ends.append(loss(moved.reshape(at.shape)))
        gradient.append((ends[0] - ends[1]) / (2 * step))
    return float(np.linalg.norm(gradient))


def test_what_comes_up_through_each_edge_is_that_of_central_differences(double: None) -> None:
    x = keras.Input((3,), name="x")
    inner = keras.Sequential([keras.Input((3,)), L.Dense(4, activation="tanh", name="one.first")], name="one")
    first, left, right = inner, L.Dense(3, activation="tanh", name="left"), L.Dense(2, name="right")
    h = first(x)
    joined = L.Concatenate(name="join")([left(h), right(h)])
    head = L.Dense(1, name="head")
    model = keras.Model(x, head(joined))
    rows, target = np.random.default_rng(0).normal(size=(5, 3)), np.ones((5, 1))
    report = measure(recipe("one"), model, {"x": rows}, target, keras.losses.MeanSquaredError(dtype="float64"))

    def loss(hidden_left: np.ndarray, hidden_right: np.ndarray) -> float:
        made = head(keras.ops.concatenate([left(hidden_left), right(hidden_right)], axis=-1))
        return float(np.mean((target - np.asarray(made)) ** 2))

    hidden = np.asarray(inner(rows))
    edges = {(edge.source, edge.target): edge.norm for edge in report.edges}
    assert edges["one.first", "left"] == pytest.approx(sizes_by_differences(lambda h: loss(h, hidden), hidden), rel=1e-4)
    assert edges["one.first", "right"] == pytest.approx(sizes_by_differences(lambda h: loss(hidden, h), hidden), rel=1e-4)
    layers = {layer.layer: layer for layer in report.layers}
    whole = sizes_by_differences(lambda h: loss(h, h), hidden)
    assert layers["one.first"].activation == pytest.approx(whole, rel=1e-4)
    assert layers["left"].activation == pytest.approx(edges["left", "join"], rel=1e-9)


def test_a_frozen_member_has_an_activation_gradient_at_its_end_and_none_within() -> None:
    x = keras.Input((6,), name="x")
    frozen, free = branch("one", activation=None), branch("two", activation=None)
    frozen.trainable = False
    model = keras.Model(x, L.Softmax()(L.Average(name="mean")([frozen(x), free(x)])))
    report = measure(recipe("one", "two"), model, *batch(), keras.losses.SparseCategoricalCrossentropy())
    layers = {layer.layer: layer for layer in report.layers}
    assert report.ends["one"] == pytest.approx(report.ends["two"], rel=1e-6)
    assert layers["one.head"].activation == pytest.approx(report.ends["one"], rel=1e-6)
    assert layers["one.dense-1"].activation is None and layers["one.head"].norm is None
    sources = {edge.source for edge in report.edges}
    assert {"one.head", "two.head", "two.dense-1", "mean"} <= sources and "one.dense-1" not in sources


@every_model
def test_a_tapped_pass_gives_what_the_model_gives(build: Callable[[], Case]) -> None:
    case = build()
    arrays = [tf.constant(array) for array in case.inputs.values()]
    expected = keras.tree.flatten(case.model(arrays if len(arrays) > 1 else arrays[0]))
    tap = Tap(case.model)
    for made, output in zip(tap(arrays), expected, strict=True):
        np.testing.assert_array_equal(made, output)
    assert tap.passage.edges


def test_a_mask_passes_the_tap() -> None:
    x = keras.Input((4,), dtype="int32", name="x")
    h = L.Embedding(5, 3, mask_zero=True)(x)
    model = keras.Model(x, L.GlobalAveragePooling1D()(L.Dense(2)(h)))
    ids = tf.constant([[1, 2, 0, 0], [3, 0, 0, 0]])
    np.testing.assert_array_equal(Tap(model)([ids])[0], model(ids))
    with pytest.raises(AssertionError):
        np.testing.assert_array_equal(model(ids), keras.ops.mean(model.layers[2](model.layers[1](ids)), axis=1))
