from __future__ import annotations

import keras
import numpy as np

from components.fusion.branch import branch
from components.fusion.quick_copy import quick_copy

L = keras.layers


def test_features_and_prediction_of_a_sequential_come_from_the_same_calls() -> None:
    member = keras.Sequential([keras.Input((4,)), L.Dense(50, name="a"), L.Dropout(0.5, name="drop"), L.Dense(2, name="b")])
    cut = branch(member, "one", cuts=("drop",), predict=True, copied=quick_copy)
    features, prediction = cut(np.ones((3, 4), "float32"), training=True)
    np.testing.assert_array_equal(prediction, cut.get_layer("one.b")(features))
    # Each layer is called once; apart, both would have other units dropped.
    assert [len(nodes) for nodes in cut._nodes_by_depth.values()] == [1, 1, 1, 1]
