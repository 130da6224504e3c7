"""The quick copy of a member against the one that Keras makes."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import pytest
from keras import layers

from components.fusion.branch import branch
from components.fusion.quick_copy import quick_copy
from tests.fusion.members import convolutional, dense, nested, recurrent


def normalized() -> keras.Model:
    norm = layers.Normalization(name="norm")
    norm.adapt(np.arange(24, dtype=np.float32).reshape(8, 3))
    return keras.Sequential([layers.Input((3,)), norm, layers.Dense(2, name="out")], name="net")


def shared() -> keras.Model:
    one, two, layer = layers.Input((3,), name="one"), layers.Input((3,), name="two"), layers.Dense(4, name="both")
    return keras.Model([one, two], layers.Subtract(name="difference")([layer(one), layer(two)]), name="shared")


@pytest.mark.parametrize("frozen", [False, True])
@pytest.mark.parametrize("make", [dense, convolutional, recurrent, nested, normalized, shared])
def test_it_is_the_copy_that_keras_makes(make: Callable[[], keras.Model], frozen: bool) -> None:
    member = make()
    keras.utils.set_random_seed(3)
    plain = branch(member, "a", frozen=frozen)
    keras.utils.set_random_seed(3)
    quick = branch(member, "a", frozen=frozen, copied=quick_copy)
    assert quick.get_config() == plain.get_config()
    assert [each.path for each in quick.weights] == [each.path for each in plain.weights]
    for ours, theirs in zip(quick.variables, plain.variables, strict=True):
        np.testing.assert_array_equal(ours.numpy(), theirs.numpy())
        # TensorFlow keeps its own mark of what is to be trained.
        assert (ours.trainable, ours.value.trainable) == (theirs.trainable, theirs.value.trainable)
    sample = [np.ones([2, *(length or 5 for length in each.shape[1:])], np.float32) for each in member.inputs]
    np.testing.assert_array_equal(
        quick(sample if len(sample) > 1 else sample[0]), plain(sample if len(sample) > 1 else sample[0])
    )


def test_what_the_copy_learns_is_its_own() -> None:
    member = dense()
    before = member.get_weights()
    copy = branch(member, "a", copied=quick_copy)
    copy.compile("sgd", "mse")
    copy.train_on_batch(np.ones((4, 12)), np.ones((4, 3)))
    assert any((new != old).any() for new, old in zip(copy.get_weights(), before, strict=True))
    for kept, old in zip(member.get_weights(), before, strict=True):
        np.testing.assert_array_equal(kept, old)
