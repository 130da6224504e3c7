"""How much each member counts for a sample, against NumPy."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import scipy.stats

from components.fusion.build import build
from components.fusion.gate_use import GateUse, gate_use
from tests.fusion.members import CASES, Case, dense


def _use(case: Case, layout: str, model: keras.Model, **options: object) -> GateUse:
    [found] = gate_use(case.recipe(layout, **options), model, case.models, case.feed(model))
    return found


def _random(case: Case, layout: str, **options: object) -> keras.Model:
    """The fused model with other weights than those that it starts with."""
    model = build(case.recipe(layout, **options), case.models)
    random = np.random.default_rng(1)
    model.set_weights([random.normal(scale=0.4, size=weight.shape) for weight in model.get_weights()])
    return model


def _softmax(z: np.ndarray) -> np.ndarray:
    powers = np.exp(z - z.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def _features(case: Case, model: keras.Model) -> list[np.ndarray]:
    return [model.get_layer(name)(case.samples, training=False).numpy().astype("float64") for name in case.models]


@pytest.mark.parametrize("layout", ["mixture-of-experts", "gated-multimodal-unit", "attention"])
def test_the_mean_weights_and_their_entropy(layout: str) -> None:
    case = CASES["three members"]()
    model = _random(case, layout)
    if layout == "mixture-of-experts":
        kernel, bias = model.get_layer("mixture-of-experts").get_weights()
        weights = _softmax(case.samples.astype("float64") @ kernel + bias)
    elif layout == "gated-multimodal-unit":
        kernel, bias = model.get_layer(f"{layout}.gates").get_weights()
        weights = _softmax(np.concatenate(_features(case, model), axis=1) @ kernel + bias)
    else:
        projections = [model.get_layer(f"{layout}.projection-{number}").get_weights()[0] for number in (1, 2, 3)]
        kernel, bias = model.get_layer(f"{layout}.hidden").get_weights()
        [score] = model.get_layer(f"{layout}.scores").get_weights()
        projected = [each @ kernel for each, kernel in zip(_features(case, model), projections, strict=True)]
        weights = _softmax(np.concatenate([np.tanh(each @ kernel + bias) @ score for each in projected], axis=1))
    found = _use(case, layout, model)
    assert list(found.shares) == list(case.models) and found.operations is None
    np.testing.assert_allclose(list(found.shares.values()), weights.mean(axis=0), atol=1e-6)
    assert found.entropy == pytest.approx(np.mean(scipy.stats.entropy(weights, base=3, axis=1)), abs=1e-5)
    assert 0.01 < found.entropy < 0.99 and f"{found.entropy:.2f}" in found.sentence


def test_a_gate_starts_with_equal_weights_and_one_that_settled_is_told() -> None:
    case = CASES["dense and dense, equal layer names"]()
    model = build(case.recipe("mixture-of-experts"), case.models)
    start = _use(case, "mixture-of-experts", model)
    assert start.shares == {"a": 0.5, "b": 0.5} and start.entropy == pytest.approx(1) and "settled" not in start.sentence
    model.get_layer("mixture-of-experts").set_weights([np.zeros((12, 2)), np.array([-200.0, 200.0])])
    settled = _use(case, "mixture-of-experts", model)
    assert settled.shares == {"a": 0.0, "b": 1.0} and settled.entropy == 0 and "has settled on b" in settled.sentence


def test_the_top_of_the_gate_leaves_out_whom_it_does_not_ask() -> None:
    case = CASES["three members"]()
    model = build(case.recipe("mixture-of-experts", top_k=2), case.models)
    model.get_layer("mixture-of-experts").set_weights([np.zeros((12, 3)), np.log([1.0, 3.0, 0.5])])
    np.testing.assert_allclose(
        list(_use(case, "mixture-of-experts", model, top_k=2).shares.values()), [0.25, 0.75, 0], atol=1e-6
    )


def test_a_cascade_tells_who_answers_and_what_is_saved() -> None:
    widths = (3, 5, 8)
    case = Case({f"m{width}": dense(hidden=width) for width in widths})
    members = [model(case.samples, training=False).numpy() for model in case.models.values()]
    sure = [each.max(axis=1) >= 0.8 for each in members]
    answering = np.where(sure[0], 0, np.where(sure[1], 1, 2))
    shares = np.bincount(answering, minlength=3) / 40
    assert len(set(answering)) == 3
    # Two dense layers: a multiplication and an addition for each entry of a kernel; ReLU and softmax come on top.
    matrices = np.array([2 * (12 * width + width * 3) for width in widths])
    needed = matrices[0] + (1 - shares[0]) * matrices[1] + shares[2] * matrices[2]
    model = build(case.recipe("confidence-cascade", threshold=0.8), case.models)
    found = _use(case, "confidence-cascade", model, threshold=0.8)
    assert list(found.shares) == list(case.models)
    np.testing.assert_allclose(list(found.shares.values()), shares, atol=1e-6)
    assert found.entropy == 0 and found.operations == pytest.approx(needed / matrices.sum(), abs=0.02)
    assert f"m3 answers {shares[0]:.1%}" in found.sentence and f"{found.operations:.1%} of the operations" in found.sentence
    always = build(case.recipe("confidence-cascade", threshold=0.0), case.models)
    first = _use(case, "confidence-cascade", always, threshold=0.0)
    assert first.shares["m3"] == 1 and first.operations == pytest.approx(matrices[0] / matrices.sum(), abs=0.02)


def test_a_yes_no_cascade_names_its_members_behind_their_adapters() -> None:
    case = CASES["sigmoid and two classes"]()
    model = build(case.recipe("confidence-cascade"), case.models)
    one = case.models["one"](case.samples, training=False).numpy()
    found = _use(case, "confidence-cascade", model)
    assert found.shares == pytest.approx({"one": np.mean(np.abs(one - 0.5) >= 0.4), "two": np.mean(np.abs(one - 0.5) < 0.4)})


def test_where_nothing_is_weighed_nothing_is_told() -> None:
    case = CASES["dense and dense, equal layer names"]()
    model = build(case.recipe("average"), case.models)
    assert gate_use(case.recipe("average"), model, case.models, [case.samples]) == ()
