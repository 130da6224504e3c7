"""Members in mixed precision: as layers of plain Keras with that policy, and float32 where all digits are needed."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from components.fusion.branch import branch
from components.fusion.build import build
from components.fusion.keras_calls import make
from components.fusion.optimizer import optimizer_call
from components.gradients.probe import Probe
from components.training import prepare
from components.training.batches import training_batches
from components.training.frozen import halves
from components.training.run import train
from tests.fusion.members import CASES

LOWER = ["mixed_bfloat16", "mixed_float16"]


@pytest.mark.parametrize("case", ["images and vectors", "nested backbone", "recurrent and dense", "whole numbers"])
def test_members_compute_in_it_and_give_all_digits(case):
    case = CASES[case]()
    asked = case.recipe("concatenate")
    lower = asked.model_copy(update={"training": asked.training.model_copy(update={"precision": "mixed_bfloat16"})})
    full, mixed = build(asked, case.models), build(lower, case.models)
    for one, other in zip(full.get_weights(), mixed.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert {tensor.dtype for layer in mixed.layers for tensor in keras.tree.flatten(layer.output)} <= {"float32", "int32"}
    computed = {layer.compute_dtype for name in case.models for layer in mixed.get_layer(name)._flatten_layers()}
    assert "bfloat16" in computed
    expected, found = case.predict(full)[0], case.predict(mixed)[0]
    np.testing.assert_allclose(found, expected, atol=0.05)
    assert np.abs(found - expected).max() > 1e-6, "it does compute otherwise"


def member(policy="float32"):
    keras.utils.set_random_seed(4)
    x = keras.Input((64,))
    h = keras.layers.Dense(16, activation="relu", name="hidden", dtype=policy)(x)
    return keras.Model(x, keras.layers.Dense(10, activation="softmax", name="out")(h))


@pytest.mark.parametrize("precision", LOWER)
def test_a_run_is_plain_keras_with_that_policy(digits, recipe, precision, tmp_path, plain_keras):
    samples, splits = digits
    x, y = samples.inputs["x"][splits.training], samples.target[splits.training]
    settings = {"optimizer": "sgd", "momentum": 0.9, "learning_rate": 0.1, "clip_norm": 0.2, "batch_size": 100, "epochs": 2}
    wanted = recipe(precision=precision, **settings)
    ours, plain = build(wanted, {"m": member()}), member(precision)
    trained = train(wanted, ours, *digits, lambda point: None, lambda: False)
    assert trained.best_epoch == 2
    optimizer = keras.optimizers.SGD(0.1, momentum=0.9, global_clipnorm=0.2)
    if precision == "mixed_float16":
        optimizer = keras.optimizers.LossScaleOptimizer(optimizer)
    plain.compile(optimizer, "sparse_categorical_crossentropy", jit_compile=False)
    batches, epoch = training_batches([x], [y], 100, wanted.seed)
    for number in range(2):
        epoch.assign(number)
        for batch in batches:
            plain.train_on_batch(*batch)
    for one, other in zip(ours.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)
    ours.save(tmp_path / "model.keras")
    [opened] = plain_keras.predict(tmp_path / "model.keras", [x[:50]])
    np.testing.assert_allclose(opened, ours.predict(x[:50], verbose=0), atol=1e-5)


@pytest.mark.parametrize("precision", LOWER)
def test_features_are_kept_with_all_digits_and_the_run_over_them_is_the_same(digits, recipe, monkeypatch, precision):
    found = []
    for cut in (halves, lambda model, samples: None):
        monkeypatch.setattr(prepare, "halves", cut)
        x = keras.Input((64,), name="x")
        frozen = branch(member(), "m", cuts=["hidden"], predict=False, frozen=True, precision=precision)
        keras.utils.set_random_seed(2)
        model = keras.Model(x, keras.layers.Dense(10, activation="softmax")(frozen(x)))
        assert frozen.output.dtype == "float32" and (cut is not halves or halves(model, 100) is not None)
        asked = recipe(precision=precision, optimizer="sgd", learning_rate=0.1, epochs=2)
        train(asked, model, *digits, lambda point: None, lambda: False)
        found.append(model.get_weights())
    for cached, plain in zip(*found, strict=True):
        np.testing.assert_allclose(cached, plain, atol=1e-3)


@pytest.mark.parametrize("precision", LOWER)
def test_gradients_are_those_of_float32_whatever_scales_the_loss(digits, recipe, precision):
    samples, splits = digits
    rows = splits.training[:128]
    x, y = samples.inputs["x"][rows], samples.target[rows]
    norms = []
    for each in ("float32", precision):
        asked = recipe(precision=each)
        model = build(asked, {"m": member()})
        loss = keras.losses.SparseCategoricalCrossentropy()
        # Compiled with an optimizer that scales the loss, of which a probe knows nothing.
        model.compile(make(optimizer_call(asked.training), 1), loss, jit_compile=False)
        probe = Probe(asked, model, loss)
        measured = probe({"x": x}, y)
        norms.append([norm for each in measured.variables for norm in each])
        with tf.GradientTape() as tape:
            value = loss(y, model(x, training=True))
        gradients = tape.gradient(value, [variable.value for variable in model.trainable_variables])
        np.testing.assert_allclose(norms[-1], [np.linalg.norm(gradient) for gradient in gradients], rtol=1e-3)
    np.testing.assert_allclose(norms[1], norms[0], rtol=0.05)


def test_without_an_accelerator_a_run_says_that_nothing_is_gained(digits, recipe):
    trained = train(recipe(precision="mixed_bfloat16", epochs=1), member(), *digits, lambda point: None, lambda: False)
    assert any("no GPU" in note for note in trained.notes)
    assert not train(recipe(epochs=1), member(), *digits, lambda point: None, lambda: False).notes
