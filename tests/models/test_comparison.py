"""Two members side by side, against differences that were put there and numbers from NumPy."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import layers

from components.models import inspection
from components.models.comparison import align, same_architecture
from components.models.weight_distance import weight_distances


def build(*hidden: layers.Layer, seed: int = 0) -> keras.Model:
    keras.utils.set_random_seed(seed)
    return keras.Sequential([keras.Input((4,)), *hidden, layers.Dense(3, activation="softmax", name="out")])


def told(first: keras.Model, second: keras.Model) -> list[tuple[str | None, str | None, tuple[str, ...]]]:
    pairs = align(inspection.layers(first), inspection.layers(second))
    return [(pair.first and pair.first.name, pair.second and pair.second.name, pair.differs) for pair in pairs]  # type: ignore[misc]


def test_each_difference_is_named_where_it_is() -> None:
    first = build(
        layers.Dense(5, name="a"), layers.Dropout(0.5, name="drop"), layers.Dense(6, "relu", name="b"), layers.ReLU(name="r")
    )
    second = build(layers.Dense(5, "tanh", name="a"), layers.Dropout(0.2, name="d"), layers.Dense(7, "relu", name="b"))
    assert told(first, second) == [
        ("a", "a", ("activation",)),
        ("drop", "d", ("name", "settings")),
        ("b", "b", ("shape", "parameters", "settings")),
        ("r", None, ()),
        ("out", "out", ("parameters",)),
    ]


def test_names_make_no_other_architecture_and_ways_do() -> None:
    first, second = build(layers.Dense(4, name="a")), build(layers.Dense(4, name="b"))
    assert same_architecture(align(inspection.layers(first), inspection.layers(second)))

    def joined(*, crossed: bool) -> keras.Model:
        x = keras.Input((4,))
        a = layers.Dense(4, name="a")(x)
        b = layers.Dense(4, name="b")(a)
        return keras.Model(x, layers.Add(name="sum")([a if crossed else b, b]))

    one, other = joined(crossed=True), joined(crossed=False)
    assert told(one, one) == told(one, other)
    assert not same_architecture(align(inspection.layers(one), inspection.layers(other)))


def test_distances_are_those_of_numpy() -> None:
    first, second = (
        build(layers.Dense(4, name="a"), layers.Dropout(0.1), seed=1),
        build(layers.Dense(4), layers.Dropout(0.1), seed=2),
    )
    second.layers[-1].set_weights(first.layers[-1].get_weights())
    dense, dropout, out = weight_distances(first, second)
    a, b = (np.concatenate([w.ravel() for w in model.layers[0].get_weights()]) for model in (first, second))
    assert dense.cosine == pytest.approx(a @ b / np.linalg.norm(a) / np.linalg.norm(b), abs=1e-6)
    assert dense.distance == pytest.approx(np.linalg.norm(a - b) / np.linalg.norm(a), rel=1e-6)
    assert (dropout.cosine, dropout.distance) == (None, None)
    assert (out.cosine, out.distance) == (1.0, 0.0)


def test_weights_that_cannot_be_compared_are_not() -> None:
    first, second = build(layers.Dense(4)), build(layers.Dense(5))
    assert [each.cosine for each in weight_distances(first, second)] == [None, None]
    broken = build(layers.Dense(4))
    kernel, bias = broken.layers[0].get_weights()
    broken.layers[0].set_weights([kernel * np.nan, bias])
    assert weight_distances(first, broken)[0].distance is None


def test_of_many_layers_that_repeat_the_one_that_is_missing_is_found() -> None:
    rows = inspection.layers(build(*(layers.Dense(4) for _ in range(20)))) * 40
    pairs = align(rows, rows[:398] + rows[399:])
    assert [place for place, pair in enumerate(pairs) if pair.second is None] == [398]
    assert not any(pair.differs for pair in pairs)
