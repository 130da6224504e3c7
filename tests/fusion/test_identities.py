"""Facts of fusion that hold exactly, against NumPy and plain Keras."""

from __future__ import annotations

import random
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from components.fusion.build import build
from components.fusion.operators import OPERATORS
from components.fusion.start import start_difference
from components.recipe import Recipe
from tests.fusion.members import CASES, YES_NO, Case, convolutional, dense, nested


def _probabilities(case: Case) -> list[np.ndarray]:
    return [model(case.samples, training=False).numpy().astype("float64") for model in case.models.values()]


def test_the_average_is_the_mean_of_the_members_and_keras_average() -> None:
    case = CASES["dense and dense, equal layer names"]()
    fused = case.predict(build(case.recipe("average"), case.models))[0]
    members = _probabilities(case)
    np.testing.assert_allclose(fused, (members[0] + members[1]) / 2, atol=1e-6)
    first, second = case.models.values()
    by_hand = keras.layers.Average()([first(case.samples, training=False), second(case.samples, training=False)])
    np.testing.assert_array_equal(fused, by_hand.numpy())


@pytest.mark.parametrize(
    ("weights", "shares"), [((1, 0), (1, 0)), ((0, 2), (0, 1)), ((5, 5), (0.5, 0.5)), ((1, 3), (0.25, 0.75))]
)
def test_one_hot_weights_give_the_member_and_equal_weights_the_average(
    weights: tuple[float, ...], shares: tuple[float, float]
) -> None:
    case = CASES["dense and dense, equal layer names"]()
    fused = case.predict(build(case.recipe("weighted-average", weights=weights), case.models))[0]
    first, second = _probabilities(case)
    np.testing.assert_allclose(fused, shares[0] * first + shares[1] * second, atol=1e-6)


def test_learned_weights_start_at_the_average_and_are_the_softmax_of_one_kernel() -> None:
    case = CASES["three members"]()
    model = build(case.recipe("weighted-average"), case.models)
    members = [
        np.exp(p) / np.exp(p).sum(-1, keepdims=True) if place == 2 else p for place, p in enumerate(_probabilities(case))
    ]
    np.testing.assert_allclose(case.predict(model)[0], np.mean(members, axis=0), atol=1e-6)
    kernel = model.get_layer("weighted-average").kernel
    assert kernel.shape == (1, 3) and kernel.trainable
    kernel.assign([[1.0, -2.0, 0.5]])
    weights = np.exp([1.0, -2.0, 0.5]) / np.exp([1.0, -2.0, 0.5]).sum()
    np.testing.assert_allclose(case.predict(model)[0], np.tensordot(weights, members, 1), atol=1e-6)


def test_the_concatenated_head_starts_at_the_normalised_geometric_mean() -> None:
    case = CASES["dense and dense, equal layer names"]()
    fused = case.predict(build(case.recipe("concatenate"), case.models))[0]
    first, second = _probabilities(case)
    geometric = np.sqrt(first * second)
    np.testing.assert_allclose(fused, geometric / geometric.sum(-1, keepdims=True), atol=3e-7)


@pytest.mark.parametrize("case_name", ["sigmoid and two classes", "score and two logits"])
def test_a_yes_no_head_starts_at_the_average_of_the_log_odds(case_name: str) -> None:
    case = CASES[case_name]()
    fused = case.predict(build(case.recipe("concatenate"), case.models))[0]
    odds = []
    for model in case.models.values():
        hidden = keras.Model(model.inputs[0], model.layers[-2].output)(case.samples).numpy().astype("float64")
        kernel, bias = model.layers[-1].get_weights()
        logits = hidden @ kernel + bias
        odds.append(logits if logits.shape[1] == 1 else logits[:, 1:] - logits[:, :1])
    np.testing.assert_allclose(fused, 1 / (1 + np.exp(-np.mean(odds, axis=0))), atol=3e-7)


def test_a_regression_head_starts_at_the_members_average() -> None:
    case = CASES["regression"]()
    fused = case.predict(build(case.recipe("concatenate"), case.models))[0]
    np.testing.assert_allclose(fused, np.mean(_probabilities(case), axis=0), atol=2e-6)


def test_a_cascade_starts_at_its_last_member() -> None:
    case = CASES["dense and dense, equal layer names"]()
    fused = case.predict(build(case.recipe("cascade"), case.models))[0]
    np.testing.assert_allclose(fused, _probabilities(case)[1], atol=1e-6)


@pytest.mark.parametrize("case_name", ["dense and dense, equal layer names", "sigmoid and two classes", "regression"])
@pytest.mark.parametrize("layout", ["tanh-gate", "film"])
def test_a_gate_starts_at_its_first_member(layout: str, case_name: str) -> None:
    case = CASES[case_name]()
    fused = case.predict(build(case.recipe(layout), case.models))[0]
    np.testing.assert_allclose(fused, _probabilities(case)[0], atol=1e-6)


@pytest.mark.parametrize("layout", ["tanh-gate", "film"])
def test_where_the_first_member_knows_other_classes_the_head_starts_at_random_and_a_note_says_so(layout: str) -> None:
    case = CASES["other classes first"]()
    planned = case.plan(layout)
    assert planned.notes[-1].sentence.startswith("The head starts at random, since the last layer of five speaks")


def test_the_logit_average_is_the_normalised_geometric_mean_and_the_product_its_square() -> None:
    case = CASES["dense and dense, equal layer names"]()
    first, second = np.maximum(_probabilities(case), 1e-7)
    for layout, power in (("logit-average", 0.5), ("product", 1.0)):
        fused = case.predict(build(case.recipe(layout), case.models))[0]
        expected = (first * second) ** power
        np.testing.assert_allclose(fused, expected / expected.sum(axis=-1, keepdims=True), atol=1e-6)


def _yes(model: keras.Model, samples: np.ndarray) -> np.ndarray:
    """The probability of the second class, from any head of a yes/no member."""
    given = model(samples, training=False).numpy().astype("float64")
    if model.layers[-1].activation is keras.activations.linear:
        odds = given if given.shape[1] == 1 else given[:, 1:] - given[:, :1]
        return 1 / (1 + np.exp(-odds))
    return given[:, -1:]


@pytest.mark.parametrize("case_name", ["sigmoid and two classes", "score and two logits"])
def test_rules_over_classes_give_a_yes_no_target_the_probability_of_yes(case_name: str) -> None:
    case = CASES[case_name]()
    yes = np.array([_yes(model, case.samples) for model in case.models.values()])
    expected = {
        "maximum": yes.max(axis=0) / (yes.max(axis=0) + (1 - yes).max(axis=0)),
        "product": yes.prod(axis=0) / (yes.prod(axis=0) + (1 - yes).prod(axis=0)),
        "logit-average": 1 / (1 + np.exp(-np.log(yes / (1 - yes)).mean(axis=0))),
        "majority-vote": (yes.mean(axis=0) > 0.5).astype(float),
    }
    for layout, answer in expected.items():
        np.testing.assert_allclose(case.predict(build(case.recipe(layout), case.models))[0], answer, atol=2e-6)


def _gradients(model: keras.Model, samples: np.ndarray) -> dict[str, float | None]:
    """The norm of each weight's gradient, with the sum of the first output as the loss; None where none flows."""
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(model(samples, training=False)[:, 0])
    found = tape.gradient(loss, [weight.value for weight in model.trainable_weights])
    norms = [None if each is None else float(tf.norm(each)) for each in found]
    return dict(zip((weight.path for weight in model.trainable_weights), norms, strict=True))


def test_behind_a_shut_gate_nothing_learns_but_the_gate() -> None:
    case = CASES["dense and dense, equal layer names"]()
    norms = _gradients(build(case.recipe("tanh-gate"), case.models), case.samples)
    shut = {path for path in norms if path.startswith(("b.", "tanh-gate.change"))}
    assert len(shut) >= 4 and all(norms[path] == 0 for path in shut)
    assert norms["tanh-gate.alpha-2/kernel"] > 1e-3 and norms["a.hidden/kernel"] > 1e-3


def test_behind_film_at_its_start_nothing_learns_but_the_scale_and_the_shift() -> None:
    case = CASES["dense and dense, equal layer names"]()
    norms = _gradients(build(case.recipe("film"), case.models), case.samples)
    assert all(norm == 0 for path, norm in norms.items() if path.startswith("b."))
    assert all(norm > 1e-3 for path, norm in norms.items() if not path.startswith("b."))


def test_behind_a_residual_adapter_of_zeros_nothing_learns_but_the_adapter() -> None:
    case = CASES["dense and dense, equal layer names"]()
    norms = _gradients(build(case.recipe("residual-series"), case.models), case.samples)
    assert all(norm == 0 for path, norm in norms.items() if path.startswith("a."))
    assert norms["onto-b.change-2/kernel"] > 1e-3 and norms["b.hidden/kernel"] > 1e-3


def test_before_its_first_step_cross_attention_passes_nothing_on_and_only_its_output_learns() -> None:
    case = CASES["images of other sizes"]()
    model = build(case.recipe("cross-attention"), case.models)
    tokens = model.get_layer("colour")(model.get_layer("resizing-colour")(np.repeat(case.samples, 3, axis=3))).numpy()
    kernel, bias = model.get_layer("head").get_weights()
    scores = tokens.mean(axis=(1, 2)) @ kernel + bias
    expected = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(case.predict(model)[0], expected, atol=1e-5)
    norms = _gradients(model, case.samples)
    silent = {path for path, norm in norms.items() if norm == 0}
    assert silent == {path for path in norms if path.startswith(("grey.", "cross-attention.attention-2"))} and len(silent) > 8
    assert norms["cross-attention.output-2/kernel"] > 1e-3


@pytest.mark.parametrize("layout", ["majority-vote", "weighted-vote", "rank-average"])
def test_a_vote_passes_no_gradient(layout: str) -> None:
    case = CASES["dense and dense, equal layer names"]()
    assert set(_gradients(build(case.recipe(layout), case.models), case.samples).values()) == {None}


@pytest.mark.parametrize(
    ("operator", "options", "expected"),
    [
        ("average", {}, [0.5, 0.5]),
        ("maximum", {}, [0.0, 1.0]),
        ("minimum", {}, [1.0, 0.0]),
        ("add", {"units": 1}, [1.0, 1.0]),
        ("median", {}, [0.5, 0.5]),
        ("subtract", {"units": 1}, [1.0, -1.0]),
        ("boosting", {"rate": 0.25}, [0.0, 0.25]),
        ("confidence-cascade", {"threshold": 1.5}, [1.0, 0.0]),
    ],
)
def test_the_gradient_is_routed_as_the_operator_says(operator: str, options: dict[str, Any], expected: list[float]) -> None:
    values = [tf.constant([[2.0]]), tf.constant([[5.0]])]
    with tf.GradientTape() as tape:
        tape.watch(values)
        fused = OPERATORS[operator].apply(values, options, "node")
    found = tape.gradient(fused, values, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    np.testing.assert_allclose(np.ravel(found), expected, atol=1e-6)


def test_the_gradient_of_a_product_is_the_other_operand() -> None:
    inputs = [keras.Input((1,)), keras.Input((1,))]
    model = keras.Model(inputs, OPERATORS["multiply"].apply(inputs, {"units": 1}, "node"))
    model.set_weights([np.ones_like(weight) if weight.ndim == 2 else np.zeros_like(weight) for weight in model.get_weights()])
    values = [tf.constant([[2.0]]), tf.constant([[5.0]])]
    with tf.GradientTape() as tape:
        tape.watch(values)
        fused = model(values)
    np.testing.assert_allclose(np.ravel(tape.gradient(fused, values)), [5.0, 2.0])


STARTING = (
    *("weighted-average", "concatenate", "cascade", "tanh-gate", "film"),
    *("temperature", "stacking", "mixture-of-experts", "residual-series"),
)


@pytest.mark.parametrize("layout", STARTING)
@pytest.mark.parametrize("case_name", ["images and vectors", "sigmoid and two classes"])
def test_the_start_is_measured(layout: str, case_name: str) -> None:
    case = CASES[case_name]()
    recipe = case.recipe(layout)
    model = build(recipe, case.models)
    measured = start_difference(recipe, model, case.models, [case.samples])
    assert measured is not None
    sentence, difference = measured
    assert sentence.startswith("Starts at") and difference <= 3e-6
    if case.target == YES_NO:
        model.set_weights([weight + 0.3 for weight in model.get_weights()])
        moved = start_difference(recipe, model, case.models, [case.samples])
        assert moved is not None and moved[1] > 1e-3


@pytest.mark.parametrize(
    ("layout", "options"),
    [("average", {}), ("series", {}), ("joint", {}), ("concatenate", {"start": False}), ("cascade", {"start": False})],
)
def test_without_a_start_none_is_measured(layout: str, options: dict[str, Any]) -> None:
    case = CASES["dense and dense, equal layer names"]()
    recipe = case.recipe(layout, **options)
    model = build(recipe, case.models)
    assert start_difference(recipe, model, case.models, case.feed(model)) is None


@pytest.mark.parametrize(("classes", "most"), [(2, 0.731), (3, 0.576), (10, 0.232)])
def test_a_second_softmax_flattens_probabilities_which_is_why_it_is_refused(classes: int, most: float) -> None:
    certain = keras.ops.one_hot([0], classes)
    assert float(np.max(OPERATORS["softmax"].apply([certain], {}, "node"))) == pytest.approx(most, abs=5e-4)


@pytest.mark.parametrize("members", [2, 3, 5])
def test_averaging_identical_members_divides_each_gradient_by_their_number(members: int) -> None:
    model = dense()
    case = Case({f"m{number}": model for number in range(members)})
    fused = build(case.recipe("average"), case.models)
    kernels = [fused.get_layer(name).get_layer(f"{name}.hidden").kernel for name in case.models]
    with tf.GradientTape(persistent=True) as tape:
        alone = tf.reduce_sum(model(case.samples, training=False)[:, 0])
        together = tf.reduce_sum(fused(case.samples, training=False)[:, 0])
    expected = tape.gradient(alone, model.get_layer("hidden").kernel.value).numpy() / members
    for kernel in kernels:
        np.testing.assert_allclose(tape.gradient(together, kernel.value).numpy(), expected, atol=1e-6)


@pytest.mark.parametrize("layout", ["average", "concatenate"])
def test_what_is_frozen_is_bit_identical_after_training(layout: str) -> None:
    case = CASES["frozen and partly frozen"]()
    model = build(case.recipe(layout), case.models)
    before = {weight.path: weight.numpy().copy() for weight in model.weights}
    model.compile("adam", "sparse_categorical_crossentropy", run_eagerly=True)
    model.fit(case.samples, np.arange(40) % 3, epochs=2, batch_size=8, verbose=0)
    frozen = [path for path in before if path.startswith(("cnn.", "mlp.hidden"))]
    assert any("moving_mean" in path for path in frozen)
    after = {weight.path: weight.numpy() for weight in model.weights}
    for path in frozen:
        np.testing.assert_array_equal(after[path], before[path])
    moved = [path for path in before if path not in frozen]
    assert moved and all(np.any(after[path] != before[path]) for path in moved)


def test_a_branch_that_is_not_frozen_moves_its_statistics() -> None:
    case = CASES["images and vectors"]()
    model = build(case.recipe("average"), case.models)
    mean = model.get_layer("cnn").get_layer("cnn.norm").moving_mean
    before = mean.numpy().copy()
    model.compile("adam", "sparse_categorical_crossentropy", run_eagerly=True)
    model.fit(case.samples, np.arange(40) % 3, epochs=1, verbose=0)
    assert np.any(mean.numpy() != before)


def test_a_frozen_branch_keeps_dropout_noise_and_augmentation_off() -> None:
    random = keras.Sequential(
        [
            keras.layers.Input((4, 3, 1)),
            keras.layers.RandomFlip(),
            keras.layers.GaussianNoise(1.0),
            keras.layers.Flatten(),
            keras.layers.Dropout(0.5),
            keras.layers.Reshape((4, 3)),
            keras.layers.LSTM(4, dropout=0.5, recurrent_dropout=0.5),
            keras.layers.Dense(3, activation="softmax"),
        ]
    )
    for frozen in (True, False):
        case = Case({"random": random, "same": random}, (4, 3, 1), settings={n: {"frozen": frozen} for n in ("random", "same")})
        model = build(case.recipe("average"), case.models)
        still = np.abs(model(case.samples, training=True).numpy() - random(case.samples, training=False).numpy()).max()
        assert still < 1e-6 if frozen else still > 1e-2


def test_a_branch_keeps_what_a_normalization_layer_has_learned() -> None:
    normalization = keras.layers.Normalization()
    model = keras.Sequential([keras.layers.Input((12,)), normalization, keras.layers.Dense(3, activation="softmax")])
    normalization.adapt(np.random.default_rng(0).normal(5, 3, (50, 12)))
    case = Case({"a": model, "b": dense()})
    fused = case.predict(build(case.recipe("average"), case.models))[0]
    np.testing.assert_allclose(fused, np.mean(_probabilities(case), axis=0), atol=1e-6)


def test_one_member_taken_twice_shares_its_weights() -> None:
    case = CASES["dense and dense, equal layer names"]()
    recipe = case.recipe("concatenate")
    assert recipe.graph is not None
    nodes = list(recipe.graph.nodes)
    twice = nodes[1].model_copy(update={"id": "again", "part": "prediction", "cut_layer": None})
    both = type(nodes[3])(id="both", operator="concatenate", inputs=("concatenate", "again"))
    head = next(node for node in nodes if node.id == "head").model_copy(update={"start": False, "inputs": ("both",)})
    graph = type(recipe.graph)(nodes=(*nodes[:4], twice, both, head, nodes[-1]))
    model = build(Recipe(**{**dict(recipe), "graph": graph}), case.models)
    assert sum(weight.path == "a.hidden/kernel" for weight in model.weights) == 1
    assert model.get_layer("head").kernel.shape == (5 + 7 + 3, 3)


def test_a_branch_can_be_cut_at_a_nested_model() -> None:
    case = Case({"nested": nested(), "net": dense()}, settings={"nested": {"cut_layer": "backbone"}})
    model = build(case.recipe("concatenate"), case.models)
    features = case.models["nested"].get_layer("backbone")(case.samples).numpy()
    np.testing.assert_array_equal(model.get_layer("nested")(case.samples).numpy(), features)
    assert model.get_layer("head").kernel.shape == (6 + 5, 3)


def test_a_fused_model_is_a_member_again() -> None:
    case = CASES["nested backbone"]()
    inner = build(case.recipe("concatenate"), case.models)
    again = Case({"fused": inner, "net": dense()})
    for layout in ("average", "residual-series", "cascade", "concatenate"):
        model = build(again.recipe(layout), again.models)
        paths = [weight.path for weight in model.weights]
        assert len(set(paths)) == len(paths) and "fused.nested.nested.backbone.nested.backbone.hidden/kernel" in paths
    logits = np.log(_probabilities(again))
    powers = np.exp(logits.mean(axis=0))
    np.testing.assert_allclose(again.predict(model)[0], powers / powers.sum(axis=-1, keepdims=True), atol=1e-6)


def test_dropout_in_a_copied_member_follows_from_the_seed_alone() -> None:
    case = Case({"a": dense(), "b": dense()})
    recipe = case.recipe("average")
    given = []
    for state in (1, 2):
        random.seed(state)
        given.append(np.asarray(build(recipe, case.models)(case.samples, training=True)))
    np.testing.assert_array_equal(*given)
    assert np.abs(given[0] - case.predict(build(recipe, case.models))[0]).max() > 1e-3, "dropout is at work"


def test_equal_seeds_build_equal_models() -> None:
    case = CASES["dense and dense, equal layer names"]()
    recipe = case.recipe("series")
    first, second = (case.predict(build(recipe, case.models))[0] for _ in range(2))
    np.testing.assert_array_equal(first, second)
    other = case.predict(build(Recipe(**{**dict(recipe), "seed": 4}), case.models))[0]
    assert np.any(other != first)


def test_members_are_left_as_they_are() -> None:
    case = Case({"cnn": convolutional(), "mlp": dense(units=3)}, (4, 3, 1), settings={"cnn": {"frozen": True}})
    before = [weight.numpy().copy() for weight in case.models["cnn"].weights]
    model = build(case.recipe("concatenate"), case.models)
    model.compile("sgd", "sparse_categorical_crossentropy", run_eagerly=True)
    model.fit(case.samples, np.arange(40) % 3, verbose=0)
    assert case.models["cnn"].name == "net" and case.models["cnn"].trainable
    for weight, value in zip(case.models["cnn"].weights, before, strict=True):
        np.testing.assert_array_equal(weight.numpy(), value)


def test_a_yes_no_target_has_one_output() -> None:
    case = CASES["sigmoid and two classes"]()
    assert case.target == YES_NO
    for layout in ("average", "concatenate", "cascade"):
        assert build(case.recipe(layout), case.models).output_shape == (None, 1)
