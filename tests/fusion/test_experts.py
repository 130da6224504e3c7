"""The gate of a mixture of experts: what it sees, whom it keeps, and the loss that keeps it balanced."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from components.fusion.build import build
from components.gradients.measure import measure
from components.recipe import MemberNode, Refusal
from tests.fusion.members import CASES, Case, convolutional, dense, tokens
from tests.plain_keras import PlainKeras


def _softmax(z: np.ndarray) -> np.ndarray:
    powers = np.exp(z - z.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def _set_gate(model: keras.Model, members: int) -> np.ndarray:
    """Gives the gate random weights; its scores for the samples follow from them."""
    gate = model.get_layer("mixture-of-experts")
    random = np.random.default_rng(2)
    gate.set_weights([random.normal(size=(12, members)), random.normal(size=members)])
    kernel, bias = gate.get_weights()
    return kernel, bias


@pytest.mark.parametrize("top_k", [0, 2, 3])
def test_the_gate_keeps_the_best_and_shares_the_rest_of_their_weight(top_k: int) -> None:
    case = Case({f"m{number}": dense(hidden=2) for number in range(5)})
    model = build(case.recipe("mixture-of-experts", top_k=top_k), case.models)
    members = np.array([each(case.samples, training=False).numpy() for each in case.models.values()])
    np.testing.assert_allclose(case.predict(model)[0], members.mean(axis=0), atol=1e-6)
    kernel, bias = _set_gate(model, 5)
    scores = case.samples.astype("float64") @ kernel + bias
    expected = []
    for sample, each in enumerate(scores):
        kept = np.argsort(each)[::-1][: top_k or 5]
        expected.append(_softmax(each[kept]) @ members[kept, sample])
    np.testing.assert_allclose(case.predict(model)[0], expected, atol=1e-5)


def test_the_balance_loss_is_that_of_the_switch_transformer_and_stays_in_the_file(
    eager_keras: PlainKeras, tmp_path: Path
) -> None:
    case = CASES["three members"]()
    plain = build(case.recipe("mixture-of-experts"), case.models)
    model = build(case.recipe("mixture-of-experts", balance=0.5, top_k=2), case.models)
    assert not plain.losses
    kernel, bias = _set_gate(model, 3)
    scores = case.samples.astype("float64") @ kernel + bias
    share = np.bincount(scores.argmax(axis=1), minlength=3) / len(scores)
    expected = 0.5 * 3 * share @ _softmax(scores).mean(axis=0)
    model(case.samples)
    assert float(sum(model.losses)) == pytest.approx(expected, rel=1e-5)

    model.save(tmp_path / "app.keras")
    np.save(tmp_path / "x.npy", case.samples)
    script = """
import keras, numpy as np
model = keras.models.load_model("app.keras")
x = np.load("x.npy")
given = model(x).numpy()
loss = float(sum(model.losses))
model.compile("sgd", "mse")
results = {"given": given, "loss": loss, "mse": model.evaluate(x, given, verbose=0)}
"""
    results = eager_keras.run(script, tmp_path)
    np.testing.assert_allclose(results["given"], case.predict(model)[0], atol=1e-6)
    assert results["loss"] == pytest.approx(expected, rel=1e-5)


def test_the_gradients_that_are_shown_are_those_of_the_loss_with_its_balance() -> None:
    # No dropout, which would be drawn anew.
    case = Case({"a": convolutional(activation="softmax"), "b": convolutional(activation="softmax")}, (4, 3, 1))
    recipe = case.recipe("mixture-of-experts", balance=5.0)
    model = build(recipe, case.models)
    # Gates far from 0 and 1, where the balance loss has a gradient.
    model.get_layer("mixture-of-experts").set_weights(
        [np.random.default_rng(2).normal(size=(12, 2)) / 50, np.array([0.3, 0.0])]
    )
    goals, loss = np.arange(40) % 3, keras.losses.SparseCategoricalCrossentropy()
    model.compile(loss=loss)
    weights = model.trainable_weights
    with tf.GradientTape(persistent=True) as tape:
        given = model(case.samples, training=True)
        bare, whole = loss(goals, given), model.compute_loss(y=goals, y_pred=given)
    norms = [
        np.sqrt(sum(np.sum(np.square(each)) for each in tape.gradient(aim, [weight.value for weight in weights])))
        for aim in (bare, whole)
    ]
    report = measure(recipe, model, {"x": case.samples}, goals, loss)
    assert report.loss == pytest.approx(float(whole), rel=1e-5)
    assert np.sqrt(sum((layer.norm or 0) ** 2 for layer in report.layers)) == pytest.approx(norms[1], rel=1e-5)
    assert abs(norms[1] / norms[0] - 1) > 0.01


def test_the_balance_loss_brings_an_idle_member_back() -> None:
    case = Case({"a": dense(), "b": dense()}, settings={"a": {"frozen": True}, "b": {"frozen": True}})
    for balance, idle in ((0.0, True), (10.0, False)):
        model = build(case.recipe("mixture-of-experts", balance=balance), case.models)
        gate = model.get_layer("mixture-of-experts")
        gate.set_weights([np.zeros((12, 2)), np.array([3.0, 0.0])])
        model.compile(keras.optimizers.SGD(0.05), "mse", run_eagerly=True)
        model.fit(case.samples, case.predict(model)[0], epochs=5, batch_size=40, verbose=0)
        after = case.samples @ gate.get_weights()[0] + gate.get_weights()[1]
        assert (_softmax(after)[:, 1].mean() < 0.06) == idle


def test_the_gate_can_see_the_members_features() -> None:
    case = Case({"tokens": tokens(), "mlp": dense()})
    with pytest.raises(Refusal, match="tokens takes int32, which a gate cannot weigh"):
        case.plan("mixture-of-experts")
    recipe = case.recipe("mixture-of-experts", sees="features")
    assert recipe.graph is not None
    nodes = [node for node in recipe.graph.nodes if isinstance(node, MemberNode)]
    assert [(node.member, node.part) for node in nodes] == [
        ("tokens", "features"),
        ("mlp", "features"),
        ("tokens", "prediction"),
        ("mlp", "prediction"),
    ]
    model = build(recipe, case.models)
    assert model.get_layer("mixture-of-experts").kernel.shape == (4 + 5, 2)
    members = [each(case.samples, training=False).numpy() for each in case.models.values()]
    np.testing.assert_allclose(case.predict(model)[0], np.mean(members, axis=0), atol=1e-6)


def test_a_gate_over_images_sees_every_pixel() -> None:
    case = Case({"cnn": convolutional(activation="softmax"), "mlp": dense()}, (4, 3, 1))
    model = build(case.recipe("mixture-of-experts"), case.models)
    assert model.get_layer("mixture-of-experts").kernel.shape == (12, 2)


def test_a_mixture_is_a_member_again_with_its_balance_loss() -> None:
    case = CASES["dense and dense, equal layer names"]()
    inner = build(case.recipe("mixture-of-experts", balance=1.0), case.models)
    again = Case({"fused": inner, "net": dense()})
    model = build(again.recipe("stacking"), again.models)
    model(again.samples)
    assert float(sum(model.losses)) == pytest.approx(1.0, rel=1e-5)
    logits = np.log([each(again.samples, training=False).numpy().clip(1e-7) for each in again.models.values()])
    np.testing.assert_allclose(again.predict(model)[0], _softmax(logits.mean(axis=0)), atol=1e-5)
