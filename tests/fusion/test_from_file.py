"""Members with what Keras treats in a way of its own, on the whole way: file, intake, fusion, script, and plain Keras."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import Input, Model, Sequential, layers, ops

from components.fusion.build import build
from components.fusion.script import write_script
from components.models.intake import open_member
from components.models.load import load_canonical
from tests.fusion.members import Case, dense
from tests.fusion.test_matrix import RELOAD
from tests.plain_keras import PlainKeras


def half_precision() -> Model:
    keras.config.set_dtype_policy("mixed_float16")
    try:
        return Sequential([Input((12,)), layers.Dense(5, activation="relu"), layers.Dense(3, activation="softmax")])
    finally:
        keras.config.set_dtype_policy("float32")


def dictionaries() -> Model:
    x = Input((12,), name="a")
    return Model({"a": x}, {"b": layers.Dense(3, activation="softmax")(x)})


def operations() -> Model:
    x = Input((12,))
    hidden = ops.relu(layers.Dense(4)(x))
    return Model(x, ops.softmax(layers.Dense(3)(ops.concatenate([hidden, 2.0 * hidden], axis=-1))))


def state_across_batches() -> Model:
    rows = [layers.Reshape((4, 3)), layers.LSTM(5, stateful=True), layers.Dense(3, activation="softmax")]
    return Sequential([Input(batch_shape=(40, 12)), *rows])


def layer_of_two_models() -> Model:
    shared, a, b, x = layers.Dense(4, name="shared"), Input((12,)), Input((12,)), Input((12,))
    first, second = Model(a, shared(a), name="first"), Model(b, ops.relu(shared(b)), name="second")
    return Model(x, layers.Dense(3, activation="softmax")(layers.Add()([first(x), second(x)])))


def squares(goal: keras.KerasTensor, given: keras.KerasTensor) -> keras.KerasTensor:
    return ops.mean((goal - given) ** 2)


def loss_of_its_own() -> Model:
    model = dense()
    model.compile(loss=squares, metrics=["mse", squares], jit_compile=False)
    return model


@pytest.mark.parametrize(
    ("make", "suffix"),
    [
        (half_precision, ".h5"),
        (dictionaries, ".keras"),
        (operations, ".h5"),
        (state_across_batches, ".keras"),
        (layer_of_two_models, ".keras"),
        (loss_of_its_own, ".h5"),
    ],
)
def test_a_file_becomes_a_member_that_predicts_what_it_did(
    make: Callable[[], Model], suffix: str, tmp_path: Path, eager_keras: PlainKeras
) -> None:
    model = make()
    model.save(tmp_path / f"model{suffix}")
    open_member(tmp_path / f"model{suffix}", f"model{suffix}", tmp_path / "a.keras")
    opened, other = load_canonical(tmp_path / "a.keras"), dense()
    other.save(tmp_path / "b.keras")
    case = Case({"a": opened, "b": other})
    (alone,) = keras.tree.flatten(model(case.samples if make is not dictionaries else {"a": case.samples}, training=False))
    recipe = case.recipe("average")
    fused = build(recipe, case.models)
    expected = (np.asarray(alone, dtype="float32") + other(case.samples, training=False).numpy()) / 2
    np.testing.assert_allclose(case.predict(fused)[0], expected, atol=1e-6)

    np.savez(tmp_path / "data.npz", x=case.samples, y=case.labels)
    fused.save(tmp_path / "app.keras")
    script, _, _ = write_script(recipe, case.facts).partition("# Training\n")
    results = eager_keras.run(script + RELOAD, tmp_path)
    np.testing.assert_allclose(results["before training"], expected[results["test"]], atol=1e-6)
    np.testing.assert_allclose(results["reloaded 0"], expected, atol=1e-6)
