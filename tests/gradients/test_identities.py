"""What mathematics says of the gradient under each layout, measured."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from components.gradients.measure import measure
from components.gradients.predicted import predicted
from components.gradients.probe import Probe
from components.gradients.report import GradientReport, LayerGradient
from tests.gradients.fused import batch, branch, chain, recipe

L = keras.layers


def total(target: object, prediction: object) -> object:
    return keras.ops.sum(prediction)


def by_layer(report: GradientReport) -> dict[str, LayerGradient]:
    return {layer.layer: layer for layer in report.layers}


def linear(name: str, factor: float) -> keras.Model:
    """y = w x with one weight."""
    x = keras.Input((1,))
    constant = keras.initializers.Constant(factor)
    return keras.Model(x, L.Dense(1, use_bias=False, kernel_initializer=constant, name=f"{name}.w")(x), name=name)


@pytest.mark.parametrize(
    ("merge", "one", "two"),
    [
        (L.Add, [1, 1, 1], [1, 1, 1]),
        (L.Average, [1 / 2] * 3, [1 / 2] * 3),
        (L.Multiply, [-3, -6, 15], [2, 4, -10]),
        (L.Subtract, [1, 1, 1], [-1, -1, -1]),
        (L.Maximum, [1, 1, 0], [0, 0, 1]),
    ],
)
def test_how_each_operator_divides_the_gradient_of_the_sum(merge: type, one: list[float], two: list[float]) -> None:
    samples = np.array([[1.0], [2.0], [-5.0]], "float32")
    x = keras.Input((1,), name="x")
    members = [linear("one", 2.0), linear("two", -3.0)]
    model = keras.Model(x, merge()([member(x) for member in members]))
    report = measure(recipe("one", "two"), model, {"x": samples}, np.zeros(3), total)
    assert report.ends == pytest.approx({"one": np.linalg.norm(one), "two": np.linalg.norm(two)}, rel=1e-6)
    # ∂L/∂w is the same route times each sample's x, summed.
    expected = [abs(np.dot(route, samples[:, 0])) for route in (one, two)]
    assert [layer.norm for layer in report.layers] == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("members", [2, 3, 5])
def test_the_average_of_equal_members_gives_each_its_part_exactly(members: int) -> None:
    names = [f"member-{index}" for index in range(1, members + 1)]
    x = keras.Input((6,), name="x")
    alone = branch("alone")
    copies = [branch(name) for name in names]
    for copy in copies:
        copy.set_weights(alone.get_weights())
    inputs, target = batch()

    def loss(target: object, prediction: object) -> object:
        return -keras.ops.mean(keras.ops.log(keras.ops.take_along_axis(prediction, target[:, None], axis=1)))

    single = measure(recipe("alone"), keras.Model(x, alone(x)), inputs, target, loss)
    chosen = recipe(*names, layout="average")
    fused = measure(chosen, keras.Model(x, L.Average()([copy(x) for copy in copies])), inputs, target, loss)
    for index, name in enumerate(names):
        own = [layer.norm for layer in fused.layers if layer.member == name]
        np.testing.assert_allclose(own, [layer.norm / members for layer in single.layers], rtol=1e-6)
        assert fused.shares[name] == pytest.approx(1 / members, rel=1e-6)
        assert fused.routes[name] == pytest.approx(1 / members, rel=1e-6)
        said = predicted(chosen, fused)[index]
        assert said == f"{name} gets 1/{members} of the gradient at the output: measured {1 / members:.3f}"


def test_a_fixed_weighted_average_routes_by_its_weights() -> None:
    x = keras.Input((6,), name="x")
    parts = [L.Rescaling(weight)(branch(name)(x)) for name, weight in (("one", 0.75), ("two", 0.25))]
    chosen = recipe("one", "two", layout="weighted-average", weights=[3, 1])
    report = measure(chosen, keras.Model(x, L.Add()(parts)), *batch(), total)
    assert report.ends["one"] == pytest.approx(report.ends["two"], rel=1e-6)
    assert predicted(chosen, report)[0].startswith("one gets 0.750 of")


def test_a_hard_vote_passes_no_gradient() -> None:
    x = keras.Input((6,), name="x")
    votes = [keras.ops.one_hot(keras.ops.argmax(branch(name)(x), axis=-1), 3) for name in ("one", "two")]
    model = keras.Model(x, L.Average()(votes))
    report = measure(recipe("one", "two"), model, *batch(), keras.losses.SparseCategoricalCrossentropy())
    assert {layer.verdict for layer in report.layers} == {"structurally zero"} and report.verdict == "structurally zero"
    assert all(layer.norm is None and "hard vote" in layer.reason for layer in report.layers)
    assert report.shares == {} and report.routes == {}


class Gate(keras.layers.Layer):
    def build(self, shape: object) -> None:
        self.alpha = self.add_weight(shape=(), initializer="zeros", name="alpha")

    def call(self, x: object) -> object:
        return keras.ops.tanh(self.alpha) * x


def test_a_gate_at_zero_is_shut_for_its_branch_and_open_for_itself() -> None:
    x = keras.Input((6,), name="x")
    open_branch, gated = branch("one", activation=None), branch("two", activation=None)
    model = keras.Model(x, L.Add()([open_branch(x), Gate(name="gate")(gated(x))]))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    found = by_layer(measure(recipe("one", "two"), model, *batch(), loss))
    for layer in ("two.dense-1", "two.head"):
        assert found[layer].norm == 0 and found[layer].verdict == "structurally zero"
        assert "gate starts at zero" in found[layer].reason
    assert found["gate"].norm > 0 and found["gate"].verdict == "healthy"
    assert found["one.head"].verdict == "healthy"


def test_a_residual_series_with_a_zero_adapter_teaches_the_adapter_first() -> None:
    x = keras.Input((6,), name="x")
    adapter = L.Dense(6, kernel_initializer="zeros", name="adapter")
    model = keras.Model(x, branch("two")(L.Add()([x, adapter(branch("one")(x))])))
    report = measure(recipe("one", "two"), model, *batch(), keras.losses.SparseCategoricalCrossentropy())
    found = by_layer(report)
    assert found["one.dense-1"].norm == found["one.head"].norm == 0
    assert found["one.head"].verdict == "structurally zero" and "adapter starts at zero" in found["one.head"].reason
    assert found["adapter"].norm > 0 and found["adapter"].verdict == "healthy"
    assert report.shares == {"one": 0.0, "two": 1.0}
    adapter.set_weights([np.eye(3, 6, dtype="float32"), np.zeros(6, "float32")])
    after = measure(recipe("one", "two"), model, *batch(), keras.losses.SparseCategoricalCrossentropy())
    assert by_layer(after)["one.head"].verdict == "healthy"


@pytest.mark.parametrize(("tokens", "verdict"), [(1, "structurally zero"), (2, "healthy")])
def test_attention_to_one_token_leaves_query_and_key_without_gradient(tokens: int, verdict: str) -> None:
    random = np.random.default_rng(0)
    query, memory = keras.Input((4, 6), name="query"), keras.Input((tokens, 6), name="memory")
    h = L.MultiHeadAttention(2, 3, name="look")(query, memory)
    model = keras.Model([query, memory], L.Dense(1, name="head")(L.Flatten()(h)))
    inputs = {"query": random.normal(size=(32, 4, 6)), "memory": random.normal(size=(32, tokens, 6))}
    target = random.normal(size=(32, 1)).astype("float32")
    found = by_layer(measure(recipe(), model, inputs, target, keras.losses.MeanSquaredError()))
    assert found["look/query"].verdict == found["look/key"].verdict == verdict
    assert (found["look/query"].norm == found["look/key"].norm == 0) == (tokens == 1)
    assert found["look/value"].verdict == "healthy" and found["look/value"].reason == "The gradient reaches it."
    assert ("one key token" in found["look/query"].reason) == (tokens == 1)
    if tokens > 1:
        assert "its bias gets none by design" in found["look/key"].reason


def test_the_biases_of_a_key_and_before_batch_normalization_get_zero_and_those_beside_them_do_not() -> None:
    random = np.random.default_rng(0)
    query, memory = keras.Input((4, 6), name="query"), keras.Input((3, 6), name="memory")
    seen = L.MultiHeadAttention(2, 3, name="look", bias_initializer="normal")(query, memory)
    h = L.BatchNormalization(name="norm")(L.Dense(5, name="before")(L.Flatten()(L.Activation("tanh")(seen))))
    model = keras.Model([query, memory], L.Dense(1, name="head")(L.Activation("tanh")(h)))
    inputs = {"query": random.normal(size=(32, 4, 6)), "memory": random.normal(size=(32, 3, 6))}
    probe = Probe(recipe(), model, keras.losses.MeanSquaredError())
    measured = probe(inputs, random.normal(size=(32, 1)).astype("float32"))
    norms = {
        variable.path: norm
        for owner, found in zip(probe.owners, measured.variables, strict=True)
        for variable, norm in zip(owner.trainable, found, strict=True)
    }
    silent = {path for path, norm in norms.items() if norm is not None and norm < 1e-6}
    assert silent == {"look/key/bias", "before/bias"} and norms["look/query/bias"] > 1e-5
    assert min(norm for path, norm in norms.items() if norm is not None and path not in silent) > 1e-5


@pytest.mark.parametrize(("trainable", "silent"), [(True, True), (False, False)])
def test_a_bias_right_before_batch_normalization_gets_none(trainable: bool, silent: bool) -> None:
    x = keras.Input((6,), name="x")
    normalization = L.BatchNormalization(name="norm")
    normalization.trainable = trainable
    h = normalization(L.Dense(5, name="before")(x))
    model = keras.Model(x, L.Dense(3, activation="softmax", name="head")(h))
    found = by_layer(measure(recipe(), model, *batch(), keras.losses.SparseCategoricalCrossentropy()))
    assert found["before"].verdict == "healthy"
    assert ("norm right after it subtracts every constant" in found["before"].reason) == silent
    assert found["head"].reason == "The gradient reaches it."


@pytest.mark.parametrize(("depth", "faint"), [(5, (1, 2)), (10, (5, 7)), (20, (14, 18))])
def test_a_sigmoid_chain_vanishes_from_where_it_is_true(depth: int, faint: tuple[int, int]) -> None:
    report = measure(recipe(), chain(depth, "sigmoid"), *batch(features=16), keras.losses.SparseCategoricalCrossentropy())
    norms = [layer.norm for layer in report.layers]
    assert norms == sorted(norms)
    verdicts = [layer.verdict for layer in report.layers]
    vanishing = verdicts.count("vanishing")
    assert faint[0] <= vanishing <= faint[1]
    assert verdicts == ["vanishing"] * vanishing + ["healthy"] * (depth + 1 - vanishing)
    # It is true of all that get less than a hundredth of what the last layer of the chain gets, give or take one layer.
    assert abs(vanishing - sum(norm < norms[-2] / 100 for norm in norms)) <= 1
    assert report.verdict == "vanishing" and "layer-1" in report.summary


def test_the_ratio_of_first_to_last_falls_by_a_factor_for_each_sigmoid() -> None:
    ratios = {}
    for depth in (5, 20):
        report = measure(recipe(), chain(depth, "sigmoid"), *batch(features=16), keras.losses.SparseCategoricalCrossentropy())
        ratios[depth] = report.layers[0].norm / report.layers[depth - 1].norm
    assert 1e-4 < ratios[5] < 1e-2 and 1e-14 < ratios[20] < 1e-11


@pytest.mark.parametrize("depth", [5, 10, 20])
def test_a_skip_connection_keeps_the_sigmoid_chain_healthy(depth: int) -> None:
    model = chain(depth, "sigmoid", skip=True)
    report = measure(recipe(), model, *batch(features=16), keras.losses.SparseCategoricalCrossentropy())
    assert {layer.verdict for layer in report.layers} == {"healthy"} and report.verdict == "healthy"


def test_unscaled_relu_skips_explode() -> None:
    model = chain(20, "relu", skip=True)
    report = measure(recipe(), model, *batch(features=16), keras.losses.SparseCategoricalCrossentropy())
    assert report.verdict == "exploding"
    assert all(layer.norm / layer.weight > 100 for layer in report.layers if layer.verdict == "exploding")
    assert sum(layer.verdict == "exploding" for layer in report.layers) > 15
