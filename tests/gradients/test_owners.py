from __future__ import annotations

import itertools

import keras
import pytest

from components.gradients.owners import owners
from tests.gradients.fused import branch
from tests.gradients.zoo import ZOO

L = keras.layers


@pytest.mark.parametrize("build", ZOO, ids=lambda build: build.__name__)
def test_each_weight_has_one_owner(build: object) -> None:
    model = build().model
    owned = [id(weight) for owner in owners(model) for weight in (*owner.trainable, *owner.fixed)]
    assert sorted(owned) == sorted({id(weight) for weight in model.weights})
    moved = {id(weight) for owner in owners(model) for weight in owner.trainable}
    assert moved == {id(variable) for variable in model.trainable_variables}


def test_layers_stand_in_the_order_of_the_flow_under_readable_names() -> None:
    x = keras.Input((4, 2))
    h = L.Bidirectional(L.LSTM(2, return_sequences=True, name="lstm"), name="both")(x)
    h = L.MultiHeadAttention(1, 2, name="look")(h, h)
    h = L.TimeDistributed(L.Dense(2, name="dense"), name="each")(h)
    h = L.RNN([L.LSTMCell(2, name="first"), L.GRUCell(2, name="second")], name="cells")(h)
    h = L.BatchNormalization(name="norm")(h)
    assert [owner.path for owner in owners(keras.Model(x, L.Dense(1, name="head")(h)))] == [
        "both/forward_lstm",
        "both/backward_lstm",
        "look/query",
        "look/key",
        "look/value",
        "look/attention_output",
        "each/dense",
        "cells/first",
        "cells/second",
        "norm",
        "head",
    ]


def test_a_members_layers_are_its_own_and_the_rest_is_fused() -> None:
    x = keras.Input((6,), name="x")
    inner = keras.Sequential([keras.Input((6,)), L.Dense(6, name="wine.block.dense")], name="wine.block")
    y = keras.Input((6,))
    wine = keras.Model(y, L.Dense(3, name="wine.head")(inner(y)), name="wine")
    h = L.Concatenate()([wine(x), branch("wine-2")(x)])
    found = owners(keras.Model(x, L.Dense(3, name="head")(h)), ["wine", "wine-2"])
    assert [(owner.path, owner.member) for owner in found] == [
        ("wine.block.dense", "wine"),
        ("wine.head", "wine"),
        ("wine-2.dense-1", "wine-2"),
        ("wine-2.head", "wine-2"),
        ("head", None),
    ]


def test_equal_paths_in_two_branches_are_two_layers() -> None:
    model = next(build for build in ZOO if build.__name__ == "nested")().model
    paths = [weight.path for owner in owners(model) for weight in owner.trainable]
    assert len(paths) > len(set(paths))
    for one, two in itertools.combinations(owners(model), 2):
        assert not {id(weight) for weight in one.trainable} & {id(weight) for weight in two.trainable}


def test_a_layer_that_is_called_twice_is_listed_once() -> None:
    x = keras.Input((3,))
    layer = L.Dense(3, name="shared")
    [owner] = owners(keras.Model(x, layer(layer(x))))
    assert owner.path == "shared" and len(owner.trainable) == 2


def test_frozen_weights_and_moving_statistics_are_fixed() -> None:
    x = keras.Input((3,))
    dense = L.Dense(3, name="dense")
    dense.trainable = False
    frozen, norm = owners(keras.Model(x, L.BatchNormalization(name="norm")(dense(x))))
    assert (len(frozen.trainable), len(frozen.fixed)) == (0, 2)
    assert [weight.name for weight in norm.trainable] == ["gamma", "beta"]
    assert [weight.name for weight in norm.fixed] == ["moving_mean", "moving_variance"]
