"""Models of today's Keras come through intake unchanged, from `.keras` and from HDF5."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import Input, Model, Sequential, layers, ops

from components.models.intake import open_member
from components.models.limits import LAYERS
from components.models.load import load_canonical
from components.recipe import Refusal


def _operations() -> Model:
    x = Input((4, 3))
    y = ops.matmul(x[:, 1:, :2], ops.transpose(x[..., :2], (0, 2, 1)))
    y = ops.mean(ops.relu(y * 2.0 + 1.0), axis=1, keepdims=True) - ops.expand_dims(x[:, 0, 0], (1, 2))
    return Model(x, [ops.softmax(y), ops.concatenate([x, x], axis=-1), ops.split(x, 3, axis=2)[1]])


def _attention() -> Model:
    x, context = Input((5, 6)), Input((4, 6))
    y = layers.MultiHeadAttention(2, 3)(x, value=context, key=context)
    return Model([x, context], layers.GlobalAveragePooling1D()(layers.LayerNormalization()(layers.Add()([x, y]))))


def _masked() -> Model:
    x = Input((6, 2))
    return Model(x, layers.Dense(2)(layers.Bidirectional(layers.LSTM(3))(layers.Masking()(x))))


def _nested() -> Model:
    y = Input((4,))
    inner = Model(y, [layers.Dense(3)(y), layers.Dense(3)(y)], name="inner")
    row = Sequential([layers.Dense(4, activation="tanh"), layers.BatchNormalization()], name="row")
    x = Input((4,))
    (a, b), (c, d) = inner(x), inner(row(x))
    return Model(x, [layers.Add()([a, d]), layers.Add()([b, c]), row(row(x))])


def _nested_at_the_end() -> Model:
    y, x = Input((3,)), Input((4,))
    inner = Model(y, layers.Dense(2, activation="softmax")(y), name="inner")
    return Model(x, inner(layers.Dense(3)(x)))


def _shared_and_frozen() -> Model:
    dense, a, b = layers.Dense(3, trainable=False), Input((4,)), Input((4,))
    return Model([a, b], layers.Dense(1)(layers.Concatenate()([dense(a), dense(b)])))


def _hard_sigmoid() -> Model:
    return Sequential([Input((4,)), layers.Dense(3, activation="hard_sigmoid"), layers.Activation("hard_sigmoid")])


def _batch_of_one() -> Model:
    return Sequential([Input(batch_shape=(1, 4)), layers.Dense(3)])


def _wide_columns() -> Model:
    x = Input((2, 3))
    y = layers.Normalization(mean=[0.0, 5e9, -2e10], variance=[1.0, 1e10, 4e20])(layers.Masking(mask_value=-1e10)(x))
    return Model(x, layers.Dense(2)(layers.Rescaling(1e-3, offset=[1.0, 3e9, 0.0])(y)))


MODELS: dict[str, Callable[[], Model]] = {
    function.__name__.strip("_"): function
    for function in (
        _operations,
        _attention,
        _masked,
        _nested,
        _nested_at_the_end,
        _shared_and_frozen,
        _hard_sigmoid,
        _batch_of_one,
        _wide_columns,
    )
}


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
@pytest.mark.parametrize("name", MODELS)
def test_predicts_the_same(name: str, suffix: str, tmp_path: Path) -> None:
    model = MODELS[name]()
    generator = np.random.default_rng(0)
    model.set_weights([generator.uniform(0.1, 0.9, weight.shape) for weight in model.get_weights()])
    path = tmp_path / f"model{suffix}"
    model.save(path)
    facts = open_member(path, path.name, tmp_path / "member.keras")
    samples = 1 if name == "batch_of_one" else 3
    inputs = [generator.normal(size=(samples, *tensor.shape[1:])).astype("float32") for tensor in model.inputs]
    again = keras.models.load_model(tmp_path / "member.keras")
    for got, wanted in zip(_outputs(again, inputs), _outputs(model, inputs), strict=True):
        np.testing.assert_allclose(got, wanted, atol=1e-6)
    assert facts.keras_version == keras.__version__ and facts.parameters == model.count_params()
    assert not [note for note in facts.notes if "batch" not in note]


def _outputs(model: Model, inputs: list[np.ndarray]) -> list[np.ndarray]:
    return [
        np.asarray(output) for output in keras.tree.flatten(model(inputs if len(inputs) > 1 else inputs[0], training=False))
    ]


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
def test_a_layer_of_two_nested_models_is_told(suffix: str, tmp_path: Path) -> None:
    shared, a, b, x = layers.Dense(4, name="shared"), Input((4,)), Input((4,)), Input((4,))
    first, second = Model(a, shared(a), name="first"), Model(b, layers.ReLU()(shared(b)), name="second")
    apart = [Sequential([Input((4,)), layers.BatchNormalization(name="new"), layers.Dense(4, name="apart")]) for _ in range(2)]
    model = Model(x, layers.Add()([first(x), second(x), *(each(x) for each in apart)]))
    model.save(tmp_path / f"model{suffix}")
    facts = open_member(tmp_path / f"model{suffix}", f"model{suffix}", tmp_path / "member.keras")
    (note,) = facts.notes
    assert note.startswith("shared: it stands in several nested models")
    samples = np.random.default_rng(0).normal(size=(3, 4)).astype("float32")
    np.testing.assert_allclose(load_canonical(tmp_path / "member.keras")(samples), model(samples), atol=1e-6)


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
def test_layers_called_as_in_prediction_that_act_otherwise_in_training_are_told(suffix: str, tmp_path: Path) -> None:
    def notes(base: Model, **said: bool) -> tuple[str, ...]:
        x = Input((4,))
        Model(x, layers.Dense(2)(layers.Dropout(0.5)(base(x, **said)))).save(tmp_path / f"model{suffix}")
        return open_member(tmp_path / f"model{suffix}", f"model{suffix}", tmp_path / "member.keras").notes

    dense, norm, drop = layers.Dense(4), layers.BatchNormalization(name="norm"), layers.Dropout(0.5, name="drop")
    base = Sequential([Input((4,)), dense, norm], name="base")
    assert notes(base) == notes(base, training=True) == ()
    (note,) = notes(base, training=False)
    assert note.startswith("base/norm is called with training=False") and "freeze this layer" in note
    norm.trainable = False
    assert notes(base, training=False) == (), "its statistics stay in training too"
    (note,) = notes(Sequential([Input((4,)), norm, drop], name="base"), training=False)
    assert note.startswith("base/drop is called") and "freeze the member" in note, "it has no weights to be chosen by"
    norm.trainable = True
    (note,) = notes(Sequential([base, layers.BatchNormalization()], name="outer"), training=False)
    assert note.startswith("outer/base/norm and 1 more layer are called") and "freeze these layers" in note


def test_a_frozen_layer_can_be_thawed(tmp_path: Path) -> None:
    frozen = layers.Dense(3, trainable=False)
    model = Sequential([Input((4,)), frozen, layers.BatchNormalization(), layers.Dropout(0.5), layers.Dense(1)])
    model.trainable = False
    model.save(tmp_path / "model.keras")
    reference, opened = keras.models.load_model(tmp_path / "model.keras"), load_canonical(tmp_path / "model.keras")
    assert [(weight.trainable, weight.value.trainable) for weight in opened.weights] == [
        (weight.trainable, weight.value.trainable) for weight in reference.weights
    ]
    opened.trainable = True
    opened.layers[0].trainable = True
    opened.compile("sgd", "mse", jit_compile=False)
    before = opened.get_weights()
    # Samples that are all alike leave a batch normalization as zeros, whatever the layer in front of it does.
    opened.fit(np.random.default_rng(0).normal(size=(8, 4)), np.ones((8, 1)), verbose=0)
    assert not np.array_equal(opened.get_weights()[0], before[0])


def test_an_architecture_starts_at_random_numbers(tmp_path: Path) -> None:
    (tmp_path / "model.json").write_text(Sequential([Input((40,)), layers.Dense(50), layers.Dropout(0.1)]).to_json())
    open_member(tmp_path / "model.json", "model.json", tmp_path / "member.keras")
    kernel, bias = keras.models.load_model(tmp_path / "member.keras").get_weights()
    # Glorot's uniform distribution has a variance of 2 / (fan in + fan out).
    assert np.isclose(kernel.var(), 2 / 90, rtol=0.1) and not bias.any()


def test_a_model_that_was_too_large_leaves_nothing_to_allocate(tmp_path: Path) -> None:
    text = Sequential([Input((4,)), layers.Dense(3, name="out")]).to_json().replace('"units": 3', '"units": 1000000000')
    (tmp_path / "large.json").write_text(text)
    with pytest.raises(Refusal, match="parameters; models of up to"):
        open_member(tmp_path / "large.json", "large.json", tmp_path / "member.keras")
    # On leaving such a scope, Keras allocates whatever still waits for it: here that would be 20 GB.
    with keras.StatelessScope():
        pass


@pytest.mark.parametrize("empty", [None, False, 0.0, []], ids=str)
def test_a_newer_keras_may_write_settings_that_say_nothing(empty: object, tmp_path: Path) -> None:
    newer = json.loads(Sequential([Input((4,)), layers.Dense(3, name="out")], name="model").to_json())
    newer["keras_version"] = "3.99.0"
    newer["config"]["layers"][1]["config"]["brand_new"] = empty
    newer["config"]["layers"][1]["config"]["kernel_initializer"]["config"]["also_new"] = empty
    (tmp_path / "model.json").write_text(json.dumps(newer))
    facts = open_member(tmp_path / "model.json", "model.json", tmp_path / "member.keras")
    assert any(note.startswith("Keras 3.99.0 saved the file") for note in facts.notes)
    assert any(note.endswith("left out: also_new, brand_new.") for note in facts.notes)


@pytest.mark.parametrize("place", ["InputLayer", "Dense", "GlorotUniform"])
def test_a_setting_of_a_newer_keras_is_refused_by_its_name(place: str, tmp_path: Path) -> None:
    text = Sequential([Input((4,)), layers.Dense(3)]).to_json()
    text = text.replace(f'"class_name": "{place}", "config": {{', f'"class_name": "{place}", "config": {{"brand_new": 7, ')
    newer = json.loads(text.replace(", }", "}")) | {"keras_version": "3.99.0"}
    (tmp_path / "model.json").write_text(json.dumps(newer))
    with pytest.raises(Refusal, match=r"has the setting brand_new=7, which only a newer Keras"):
        open_member(tmp_path / "model.json", "model.json", tmp_path / "member.keras")


def test_a_model_of_too_many_layers_is_told_what_to_do(tmp_path: Path) -> None:
    deep = json.loads(Sequential([Input((4,)), layers.Dense(3)]).to_json())
    entry = deep["config"]["layers"][-1]
    deep["config"]["layers"] += [{**entry, "config": {**entry["config"], "name": f"d{number}"}} for number in range(LAYERS)]
    (tmp_path / "deep.json").write_text(json.dumps(deep))
    with pytest.raises(Refusal, match=rf"more than {LAYERS} layers.* Take a smaller network of its family, or only its first"):
        open_member(tmp_path / "deep.json", "deep.json", tmp_path / "member.keras")


def test_a_sequential_model_that_cannot_be_built_names_the_layer(tmp_path: Path) -> None:
    model = Sequential([Input((4,)), layers.Dense(3, name="first"), layers.Dense(2, name="second"), layers.Dense(1)])
    strange = json.loads(model.to_json())
    strange["config"]["layers"][2].update(class_name="Conv2D", config={"name": "second", "filters": 2, "kernel_size": [3, 3]})
    (tmp_path / "model.json").write_text(json.dumps(strange))
    with pytest.raises(Refusal, match="Keras cannot build layer second from"):
        open_member(tmp_path / "model.json", "model.json", tmp_path / "member.keras")


def test_a_vocabulary_beside_the_weights_is_read(tmp_path: Path) -> None:
    lookup = layers.StringLookup()
    lookup.adapt(["a", "b", "a"])
    words = Input((2,), dtype="string")
    model = Model(words, layers.Embedding(4, 2)(lookup(words)))
    model.save(tmp_path / "words.keras")
    open_member(tmp_path / "words.keras", "words.keras", tmp_path / "member.keras")
    samples = ops.convert_to_tensor([["a", "c"], ["b", "a"]])
    np.testing.assert_allclose(keras.models.load_model(tmp_path / "member.keras")(samples), model(samples))


def test_a_vocabulary_that_is_not_in_the_file_is_missed(tmp_path: Path) -> None:
    words = Input((2,), dtype="string")
    text = Model(words, layers.StringLookup(vocabulary=["a"])(words)).to_json().replace('["a"]', "null")
    (tmp_path / "words.json").write_text(text)
    with pytest.raises(Refusal, match="does not hold the vocabulary that it learnt"):
        open_member(tmp_path / "words.json", "words.json", tmp_path / "member.keras")
