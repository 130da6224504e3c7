"""Facts of built models, against models whose facts are plain to see."""

from __future__ import annotations

import keras
import pytest
from keras import layers

from components.models import inspection


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
    ],
)
def test_head(model: object, head: str) -> None:
    assert inspection.head(model()) == head  # type: ignore[operator]


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
