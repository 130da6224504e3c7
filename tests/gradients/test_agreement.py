"""The cosine between two losses' gradients on what they share, against NumPy."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from components.gradients.measure import measure
from tests.gradients.fused import L, recipe


def two_heads() -> keras.Model:
    """One linear layer of a member under two linear heads."""
    x = keras.Input((3,), name="x")
    shared = L.Dense(2, use_bias=False, name="trunk.shared")(x)
    heads = [L.Dense(1, use_bias=False, name=name)(shared) for name in ("one", "two")]
    return keras.Model(x, heads)


def by_hand(model: keras.Model, x: np.ndarray, targets: list[np.ndarray]) -> float:
    shared, one, two = (weights.astype(np.float64) for weights in model.get_weights())
    pulls = [
        x.T @ (2 * (x @ shared @ head - target) / len(x)) @ head.T for head, target in zip((one, two), targets, strict=True)
    ]
    return float(np.sum(pulls[0] * pulls[1]) / np.prod([np.linalg.norm(pull) for pull in pulls]))


@pytest.mark.parametrize("seed", range(3))
def test_it_is_that_of_the_gradients_by_hand(seed: int) -> None:
    keras.utils.set_random_seed(seed)
    model, random = two_heads(), np.random.default_rng(seed)
    x = random.normal(size=(16, 3)).astype("float32")
    targets = [random.normal(size=(16, 1)).astype("float32") for _ in range(2)]
    report = measure(recipe("trunk"), model, {"x": x}, targets, keras.losses.MeanSquaredError())
    [found] = report.agreement
    assert (found.member, found.outputs) == ("trunk", ("one", "two"))
    assert found.cosine == pytest.approx(by_hand(model, x, targets), abs=1e-6)


def test_opposed_targets_pull_against_each_other_and_one_output_has_nothing_to_agree_with() -> None:
    model = two_heads()
    model.get_layer("two").set_weights(model.get_layer("one").get_weights())
    x = np.random.default_rng(0).normal(size=(16, 3)).astype("float32")
    given = np.asarray(model(x)[0])
    report = measure(recipe("trunk"), model, {"x": x}, [given + 1, given - 1], keras.losses.MeanSquaredError())
    assert [each.cosine for each in report.agreement] == [pytest.approx(-1, abs=1e-6)]
    alone = keras.Model(model.inputs, model.outputs[0])
    assert measure(recipe("trunk"), alone, {"x": x}, given + 1, keras.losses.MeanSquaredError()).agreement == ()
