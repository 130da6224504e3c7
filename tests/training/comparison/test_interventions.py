"""Members left out and disturbed, against the same worked out in NumPy."""

import keras
import numpy as np
import pytest

from components.training.comparison.interventions import Intervened


@pytest.fixture(scope="module")
def fused():
    """Two members that give two numbers each, and what is made of them: a weighted sum, and one fed into the other."""
    keras.utils.set_random_seed(0)
    x = keras.Input((3,))
    a, b = (
        keras.Sequential([keras.Input((size,)), keras.layers.Dense(2, "tanh")], name=name)
        for name, size in (("a", 3), ("b", 2))
    )
    said = a(x)
    chain = b(keras.layers.Dense(2)(said))
    return keras.Model(x, [keras.layers.Dense(1)(keras.layers.Concatenate()([said, chain])), chain])


SAMPLES = np.random.default_rng(0).normal(size=(50, 3)).astype("float32")


def by_hand(model, a=None, b=None):
    """The model's outputs with given values in place of what members give."""
    adapter, head = (layer for layer in model.layers if isinstance(layer, keras.layers.Dense))
    said = model.get_layer("a")(SAMPLES).numpy() if a is None else a
    chain = model.get_layer("b")(adapter(said)).numpy() if b is None else b
    return [head(np.concatenate([said, chain], axis=1)).numpy(), chain], said, chain


def test_nothing_left_out_is_the_model_itself(fused):
    expected = fused.predict(SAMPLES, verbose=0)
    for ours, theirs in zip(Intervened(fused, ["a", "b"], [SAMPLES], 0).predict([SAMPLES]), expected, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-6)


@pytest.mark.parametrize("absent", [(0,), (1,), (0, 1)])
def test_a_member_left_out_gives_its_mean_and_what_it_feeds_follows(fused, absent):
    _, said, chain = by_hand(fused)
    a, b = (np.repeat(values.mean(axis=0, keepdims=True), 50, axis=0) for values in (said, chain))
    expected, _, _ = by_hand(fused, a if 0 in absent else None, b if 1 in absent else None)
    found = Intervened(fused, ["a", "b"], [SAMPLES], 0).predict([SAMPLES], absent)
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_noise_on_a_member_is_gaussian_of_the_deviation_asked_for_and_the_same_again():
    x = keras.Input((3,))
    members = [keras.Sequential([keras.Input((3,)), keras.layers.Identity()], name=name) for name in "ab"]
    model = keras.Model(x, [member(x) for member in members])
    samples = np.random.default_rng(1).normal(2, (3, 300, 0.03), size=(4000, 3)).astype("float32")
    intervened = Intervened(model, ["a", "b"], [samples], 7)
    first, second = intervened.predict([samples], noise=(0, 0.5))
    np.testing.assert_allclose(second, samples, rtol=1e-6)
    noise = (first - samples) / samples.std(axis=0)
    np.testing.assert_allclose(noise.mean(axis=0), 0, atol=0.06)
    np.testing.assert_allclose(noise.std(axis=0), 0.5, rtol=0.1, err_msg="columns in other units are disturbed alike")
    again, _ = Intervened(model, ["a", "b"], [samples], 7).predict([samples], noise=(0, 0.5))
    np.testing.assert_array_equal(again, first)


def test_whole_numbers_are_not_disturbed():
    x = keras.Input((4,), dtype="int32")
    member = keras.Sequential([keras.Input((4,), dtype="int32"), keras.layers.Embedding(9, 2)], name="a")
    tokens = np.arange(12, dtype=np.int32).reshape(3, 4) % 9
    assert Intervened(keras.Model(x, member(x)), ["a"], [tokens], 0).can_be_disturbed == {"a": False}
