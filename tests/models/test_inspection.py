"""Facts of built models, against models whose facts are plain to see."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers, ops

from components.models import inspection
from components.models.facts import MemberFacts
from components.models.intake import open_member


def _ends_in(*end: layers.Layer) -> keras.Model:
    return keras.Sequential([keras.Input((4,)), layers.Dense(3, activation="relu"), *end])


@pytest.mark.parametrize(
    ("model", "head"),
    [
        (lambda: _ends_in(layers.Dense(3, activation="softmax")), "softmax"),
        (lambda: _ends_in(layers.Dense(3), layers.Softmax()), "softmax"),
        (lambda: _ends_in(layers.Dense(3), layers.Activation("softmax")), "softmax"),
        (lambda: _ends_in(keras.Sequential([keras.Input((3,)), layers.Dense(2, activation="softmax")])), "softmax"),
        (lambda: _ends_in(layers.Dense(3, activation="softmax"), layers.Reshape((3,))), "softmax"),
        (lambda: _ends_in(layers.Dense(1, activation="sigmoid")), "sigmoid"),
        (lambda: _ends_in(layers.Dense(5, activation="sigmoid")), "sigmoid"),
        (lambda: _ends_in(layers.Dense(5)), "logits"),
        (lambda: _ends_in(layers.Dense(1)), "linear"),
        (lambda: _ends_in(layers.Dense(5, activation="relu")), "linear"),
        (lambda: _ends_in(layers.Dense(5), layers.ReLU()), "linear"),
        (lambda: _ends_in(layers.Dense(5, activation="relu"), layers.Dropout(0.5)), "linear"),
        (lambda: _ends_in(layers.Dense(3, activation="softmax"), layers.Dropout(0.5), layers.Identity()), "softmax"),
        (lambda: _ends_in(layers.Dense(6, activation="softmax"), layers.Reshape((2, 3))), "linear"),
        (lambda: _ends_in(layers.Dense(3, activation="log_softmax")), "logits"),
        (lambda: _ends_in(layers.RepeatVector(2), layers.TimeDistributed(layers.Dense(3, activation="softmax"))), "softmax"),
    ],
)
def test_head(model: object, head: str) -> None:
    assert inspection.head(model()) == head  # type: ignore[operator]


def _dense(activation: str | None, units: int = 3) -> Callable[[Any], Any]:
    """A member: a model of its own within the fused one."""
    return keras.Sequential([keras.Input((4,)), layers.Dense(2), layers.Dense(units, activation=activation)])


def _weigh(x: Any, tensors: list[Any]) -> Any:
    weights = layers.Dense(len(tensors), activation="softmax", use_bias=False)(ops.ones_like(x[:, :1]))
    return layers.Dot(axes=1)([weights, ops.stack(tensors, axis=1)])


def _shares(p: Any) -> Any:
    return p / (ops.sum(p, axis=-1, keepdims=True) + 1e-7)


def _whichever(x: Any, columns: int) -> Any:
    """Numbers of one softmax or of the other: rows of them, or, with a condition for each column, a mixture."""
    one, two = _dense("softmax")(x), _dense("softmax")(x)
    return ops.where(ops.greater_equal(one[:, :columns], 0.3), one, two)


def _two_classes(p: Any) -> Any:
    return layers.Concatenate()([layers.Rescaling(-1.0, 1.0)(p), p])


MERGED: dict[str, tuple[Callable[[Any], Any], str]] = {
    "average of softmax": (lambda x: layers.Average()([_dense("softmax")(x), _dense("softmax")(x)]), "softmax"),
    "average of logits": (lambda x: layers.Average()([_dense(None)(x), _dense(None)(x)]), "logits"),
    "average of sigmoid": (lambda x: layers.Average()([_dense("sigmoid", 1)(x), _dense("sigmoid", 1)(x)]), "sigmoid"),
    "average of numbers": (lambda x: layers.Average()([_dense(None, 1)(x), _dense(None, 1)(x)]), "linear"),
    "average of softmax and logits": (lambda x: layers.Average()([_dense("softmax")(x), _dense(None)(x)]), "linear"),
    "average with a softmax behind": (
        lambda x: layers.Average()([_dense("softmax")(x), layers.Softmax()(_dense(None)(x))]),
        "softmax",
    ),
    "sum of softmax": (lambda x: layers.Add()([_dense("softmax")(x), _dense("softmax")(x)]), "linear"),
    "sum of logits": (lambda x: layers.Add()([_dense(None)(x), _dense(None)(x)]), "logits"),
    "given weights": (
        lambda x: layers.Add()([layers.Rescaling(0.3)(_dense("softmax")(x)), layers.Rescaling(0.7)(_dense("softmax")(x))]),
        "softmax",
    ),
    "weights as operations": (lambda x: 0.25 * _dense("softmax")(x) + _dense("softmax")(x) / 4 * 3, "softmax"),
    "weights that do not sum to 1": (
        lambda x: layers.Add()([layers.Rescaling(0.3)(_dense("softmax")(x)), layers.Rescaling(0.3)(_dense("softmax")(x))]),
        "linear",
    ),
    "learned weights": (lambda x: _weigh(x, [_dense("softmax")(x), _dense("softmax")(x)]), "softmax"),
    "learned weights of yes or no": (lambda x: _weigh(x, [_dense("sigmoid", 1)(x), _dense("sigmoid", 1)(x)]), "sigmoid"),
    "second class": (lambda x: layers.Average()([_dense("softmax", 2)(x)[:, 1:], _dense("sigmoid", 1)(x)]), "sigmoid"),
    "two classes": (lambda x: layers.Average()([_two_classes(_dense("sigmoid", 1)(x)), _dense("softmax", 2)(x)]), "softmax"),
    "shares": (lambda x: _shares(_dense("sigmoid")(x)), "softmax"),
    "logarithm": (lambda x: ops.log(ops.clip(_dense("softmax")(x), 1e-7, 1.0)), "logits"),
    "product": (lambda x: layers.Multiply()([_dense("softmax")(x), _dense("softmax")(x)]), "linear"),
    "side by side": (lambda x: layers.Concatenate()([_dense("softmax")(x), _dense("softmax")(x)]), "linear"),
    "one row or the other": (lambda x: _whichever(x, 1), "softmax"),
    "one number or the other": (lambda x: _whichever(x, 3), "linear"),
    "largest logit": (lambda x: layers.Maximum()([_dense(None)(x), _dense(None)(x)]), "logits"),
}


@pytest.mark.parametrize("name", MERGED)
def test_a_head_is_seen_through_what_merges(name: str) -> None:
    merge, head = MERGED[name]
    keras.utils.set_random_seed(0)
    x = keras.Input((4,))
    model = keras.Model(x, merge(x))
    assert inspection.head(model) == head
    y = np.asarray(model(np.random.default_rng(0).normal(size=(64, 4)).astype("float32")))
    # What is said to be a distribution sums to 1, a probability lies between, and scores do neither.
    assert (head == "softmax") == (bool((y >= 0).all()) and bool(np.allclose(y.sum(axis=-1), 1, atol=1e-5)))
    assert head not in ("softmax", "sigmoid") or (y.min() >= 0 and y.max() <= 1)


def test_a_fused_model_opens_as_a_member_with_its_own_head(tmp_path: Path) -> None:
    x = keras.Input((4,))
    keras.Model(x, _weigh(x, [_dense("softmax")(x), _dense("softmax")(x)])).save(tmp_path / "fused.keras")
    assert open_member(tmp_path / "fused.keras", "fused.keras", tmp_path / "member.keras").head == "softmax"


def test_a_very_long_chain_is_followed() -> None:
    assert inspection.head(_ends_in(*(layers.Dropout(0.1) for _ in range(400)), layers.Dense(3))) == "logits"


def test_two_outputs_are_several() -> None:
    x = keras.Input((4,))
    model = keras.Model(x, [layers.Dense(2, activation="softmax", name="a")(x), layers.Dense(1, name="b")(x)])
    assert inspection.head(model) == "several"
    assert [(tensor.name, tensor.shape) for tensor in inspection.outputs(model)] == [("a", (2,)), ("b", (1,))]


def test_rows_of_nested_models() -> None:
    inner = keras.Sequential([keras.Input((4,)), layers.Dense(3, activation="tanh", name="dense")], name="inner")
    x = keras.Input((4,))
    model = keras.Model(x, layers.Dense(2, name="out")(layers.Dropout(0.5, name="drop")(inner(x))))
    rows = inspection.layers(model)
    assert [(row.name, row.kind, row.shape, row.parameters, row.activation) for row in rows] == [
        ("inner/dense", "Dense", (3,), 15, "tanh"),
        ("drop", "Dropout", (3,), 0, None),
        ("out", "Dense", (2,), 8, "linear"),
    ]
    assert [row.name for row in inspection.cut_layers(model)] == ["inner", "drop"]
    assert inspection.default_cut_layer(model) == "drop"


def test_a_cut_needs_every_input() -> None:
    a, b = keras.Input((2,)), keras.Input((3,))
    left, right = layers.Dense(4, name="left")(a), layers.Dense(4, name="right")(b)
    joined = layers.Concatenate(name="joined")([left, right])
    model = keras.Model([a, b], layers.Dense(1, name="out")(joined))
    assert [row.name for row in inspection.cut_layers(model)] == ["joined"]
    assert inspection.default_cut_layer(model) == "joined"


def test_masks_are_no_layers() -> None:
    model = keras.Sequential([keras.Input((5, 2)), layers.Masking(name="masking"), layers.GRU(3, name="gru"), layers.Dense(1)])
    assert [row.name for row in inspection.layers(model)][:2] == ["masking", "gru"]


def test_a_lone_dense_layer_has_no_cut() -> None:
    model = keras.Sequential([keras.Input((4,)), layers.Dense(1)])
    assert inspection.default_cut_layer(model) is None and inspection.cut_layers(model) == ()


def test_what_flows_into_each_layer_is_known_through_nested_models_and_masks() -> None:
    inner_input = keras.Input((4,))
    left, right = layers.Dense(3, name="left")(inner_input), layers.Dense(3, name="right")(inner_input)
    inner = keras.Model(inner_input, [left, right], name="inner")
    x, words = keras.Input((4,), name="x"), keras.Input((5,), name="words")
    a, b = inner(x)
    read = layers.LSTM(3, name="read")(layers.Embedding(9, 2, mask_zero=True, name="embed")(words))
    model = keras.Model([x, words], layers.Add(name="sum")([layers.ReLU(name="positive")(a), b, read]))
    assert {row.name: set(row.inputs) for row in inspection.layers(model)} == {
        "inner/left": {"x"},
        "inner/right": {"x"},
        "positive": {"inner/left"},
        "embed": {"words"},
        "read": {"embed"},
        "sum": {"positive", "inner/right", "read"},
    }


def test_settings_that_are_not_the_usual_ones_are_told() -> None:
    model = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(2, 3, strides=2, padding="same", activation="relu", kernel_regularizer="l2"),
            layers.Dropout(0.25),
            layers.Flatten(),
        ]
    )
    assert [row.settings for row in inspection.layers(model)] == [
        "filters=2, kernel_size=(3, 3), strides=(2, 2), padding=same",
        "rate=0.25",
        "",
    ]


def test_layers_with_weights_that_are_no_numbers_are_named(tmp_path: Path) -> None:
    model = _ends_in(layers.Dense(2, name="sick"), layers.Dense(2, name="well"))
    kernel, bias = model.get_layer("sick").get_weights()
    kernel[0, 1] = np.nan
    model.get_layer("sick").set_weights([kernel, bias])
    model.save(tmp_path / "model.keras")
    opened = open_member(tmp_path / "model.keras", "model.keras", tmp_path / "member.keras")
    assert (opened.finite, opened.not_finite) == (False, ("sick",))


@pytest.mark.parametrize(
    ("end", "task"),
    [
        (layers.Dense(3, activation="softmax"), "multiclass"),
        (layers.Dense(3), "multiclass"),
        (layers.Dense(2, activation="softmax"), "binary"),
        (layers.Dense(1, activation="sigmoid"), "binary"),
        (layers.Dense(4, activation="sigmoid"), "multi-label"),
        (layers.Dense(1), "regression"),
        (layers.Dense(6, activation="relu"), "features"),
    ],
)
def test_the_likely_task(end: layers.Layer, task: str) -> None:
    known = inspection.facts(_ends_in(end))
    assert MemberFacts(sha256="", file_name="", size=0, format="keras", keras_version=None, **known).task == task


def test_trainable_weights_are_counted() -> None:
    model = _ends_in(layers.BatchNormalization(), layers.Dense(2))
    assert inspection.facts(model)["trainable_parameters"] == 15 + 6 + 8 == model.count_params() - 6


def test_a_card_of_an_earlier_version_is_still_read() -> None:
    text = (
        '{"sha256":"0","file_name":"m.h5","size":1,"format":"h5","keras_version":"2.15.0","inputs":[{"name":"x","shape":[4],'
        '"dtype":"float32"}],"outputs":[{"name":"y","shape":[1],"dtype":"float32"}],"head":"linear","parameters":5,"layers":'
        '[{"name":"d","kind":"Dense","shape":[1],"parameters":5,"trainable":true,"activation":"linear"}],"cut_layers":[],'
        '"cut_layer":null,"finite":true,"notes":[]}'
    )
    card = MemberFacts.model_validate_json(text)
    assert (card.operations, card.weight_bytes, card.layers[0].inputs, card.task) == (None, None, (), "regression")
