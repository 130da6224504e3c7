"""Hidden units in another order: the function stays, and a random order is found again."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import layers

from components.models.weight_space.alignment import align, permuted
from components.models.weight_space.calls import graph_of
from components.models.weight_space.trace import trace
from components.models.weight_space.weights import read, weights_of, write
from components.recipe import Refusal
from tests.models.weight_space.networks import NETWORKS, predict, samples, shaken

FREE = {
    "dense": [5, 7],
    "convolutional": [5, 6, 9],
    "residual": [4, 5, 6],
    "concatenated": [3, 4, 6, 8],
    "shared_and_nested": [3, 4, 6],
    "tokens": [5, 6],
}
"""The sizes of the axes along which units may change places, counted by hand."""


@pytest.mark.parametrize("name", NETWORKS)
def test_a_random_order_changes_nothing_and_is_found_again(name: str) -> None:
    model, draw = shaken(NETWORKS[name](), 1), np.random.default_rng(2)
    graph, inputs = graph_of(model), samples(model)
    traced = trace(graph)
    assert sorted(traced.sizes[axis] for axis in traced.free) == FREE[name]
    before, arrays = predict(model, inputs), read(graph)
    mixed = permuted(arrays, traced, {axis: draw.permutation(traced.sizes[axis]) for axis in traced.free})
    assert not any(np.array_equal(a, b) for a, b in zip(arrays, mixed, strict=True) if a.ndim > 1 and a.shape[-1] > 4)
    write(graph, mixed)
    for found, wanted in zip(predict(model, inputs), before, strict=True):
        np.testing.assert_allclose(found, wanted, atol=1e-6)
    counted = [not weight.statistic for weight in weights_of(graph)]
    again = permuted(mixed, traced, align(arrays, mixed, traced, counted))
    for found, wanted in zip(again, arrays, strict=True):
        np.testing.assert_array_equal(found, wanted)


def test_one_hidden_layer_against_all_orders() -> None:
    """The assignment is the best of all 120 orders, by trying them."""
    from itertools import permutations

    first, second = (shaken(keras.Sequential([keras.Input((3,)), layers.Dense(5), layers.Dense(2)]), seed) for seed in (1, 2))
    graph = graph_of(first)
    a, b = read(graph), read(graph_of(second))
    found = permuted(b, trace(graph), align(a, b, trace(graph), [True] * 4))

    def distance(kernel: np.ndarray, bias: np.ndarray, head: np.ndarray) -> float:
        return float(np.square(a[0] - kernel).sum() + np.square(a[1] - bias).sum() + np.square(a[2] - head).sum())

    best = min(distance(b[0][:, order], b[1][list(order)], b[2][list(order)]) for order in permutations(range(5)))
    assert distance(*found[:3]) == pytest.approx(best)


def test_units_that_are_added_in_other_parts_stay() -> None:
    given = keras.Input((4,))
    parts = layers.Concatenate()([layers.Dense(2)(given), layers.Dense(3)(given)])
    model = keras.Model(given, layers.Dense(1)(layers.Dense(6)(layers.Add()([parts, layers.Dense(5)(given)]))))
    traced = trace(graph_of(model))
    assert [traced.sizes[axis] for axis in traced.free] == [6]


def named(layer: keras.layers.Layer, shape: tuple[int, ...], before: keras.layers.Layer) -> keras.Model:
    given = keras.Input(shape)
    return keras.Model(given, layers.Dense(2)(layer(before(given))))


@pytest.mark.parametrize(
    ("layer", "shape", "before", "why"),
    [
        (layers.LSTM(3, name="odd"), (4, 2), layers.Dense(5), "LSTM"),
        (layers.Conv1D(4, 1, groups=2, name="odd"), (4, 2), layers.Dense(4), "2 groups"),
        (layers.DepthwiseConv1D(1, depth_multiplier=2, name="odd"), (4, 2), layers.Dense(4), "2 units"),
        (layers.LayerNormalization(axis=1, name="odd"), (4, 2), layers.Dense(4), "axis"),
        (layers.GroupNormalization(2, name="odd"), (4, 2), layers.Dense(4), "GroupNormalization"),
        (layers.Dense(4, activation="glu", name="odd"), (2,), layers.Dense(4), "halves"),
        (layers.Dense(4, activation=layers.PReLU(), name="odd"), (2,), layers.Dense(4), "activation is a layer"),
    ],
)
def test_a_layer_that_cannot_be_traced_is_named(
    layer: keras.layers.Layer, shape: tuple[int, ...], before: keras.layers.Layer, why: str
) -> None:
    with pytest.raises(Refusal, match="odd") as refused:
        trace(graph_of(named(layer, shape, before)))
    assert why in refused.value.sentence
