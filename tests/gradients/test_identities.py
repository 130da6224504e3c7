"""What mathematics says of the gradient, from uploaded members and a recipe to the report that the page is handed."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import pytest

from components.engine.loading import Loader
from components.fusion.alone import alone
from components.fusion.build import build
from components.gradients.measure import measure
from components.gradients.predicted import measured_route, predicted, prediction
from components.gradients.probe import Probe
from components.gradients.probe_batch import probe_rows
from components.gradients.report import GradientReport, LayerGradient
from components.gradients.sentences import sentences
from components.recipe import Data, Recipe
from tests.gradients.fused import batch, recipe
from tests.gradients.shelf import Known, Shelf

L = keras.layers
WINE = "example:wine"
Numbers = tuple[np.ndarray, np.ndarray]


def by_layer(report: GradientReport) -> dict[str, LayerGradient]:
    return {layer.layer: layer for layer in report.layers}


def linear(name: str, factor: float) -> keras.Model:
    """h = w x, y = h."""
    first, last = (
        L.Dense(1, use_bias=False, kernel_initializer=keras.initializers.Constant(weight), name=part)
        for part, weight in (("features", factor), ("out", 1.0))
    )
    return keras.Sequential([keras.Input((1,)), first, last], name=name)


def tanh_member(name: str, seed: int) -> keras.Model:
    keras.utils.set_random_seed(seed)
    layers = [L.Dense(8, activation="tanh", name="dense"), L.Dense(3, activation="softmax", name="out")]
    return keras.Sequential([keras.Input((13,)), *layers], name=name)


@pytest.fixture(scope="module")
def numbers(shelf: Shelf) -> tuple[Known, Data]:
    """Two members that multiply one column, and a target that is a number."""
    random = np.random.default_rng(0)
    lines = [f"{a:.4f},{b:.4f}" for a, b in random.normal(size=(60, 2))]
    table = shelf.files.home / "numbers.csv"
    table.write_text("\n".join(["a,y", *lines]))
    members = shelf.open(linear("one", 2.0), linear("two", -3.0))
    return members, shelf.bind(members, table, "y")


@pytest.fixture(scope="module")
def wine(shelf: Shelf) -> tuple[Known, Data]:
    """Two members for the wines."""
    members = shelf.open(tanh_member("red", 1), tanh_member("white", 2), scaling="standard")
    return members, shelf.bind(members, WINE)


OF_PREDICTIONS: dict[str, Callable[[np.ndarray, np.ndarray], Numbers]] = {
    "average": lambda one, two: (np.full_like(one, 1 / 2), np.full_like(two, 1 / 2)),
    "weighted-average": lambda one, two: (np.full_like(one, 3 / 4), np.full_like(two, 1 / 4)),
    "maximum": lambda one, two: (one > two, two > one),
    "minimum": lambda one, two: (one < two, two < one),
}
OF_FEATURES: dict[str, Callable[[np.ndarray, np.ndarray], Numbers]] = {
    "add": lambda one, two: (np.ones_like(one), np.ones_like(two)),
    "subtract": lambda one, two: (np.ones_like(one), -np.ones_like(two)),
    "multiply": lambda one, two: (two, one),
}
MERGED = {
    **{name: lambda one, two, parts: parts[0] * one + parts[1] * two for name in (*OF_PREDICTIONS, "add", "subtract")},
    "multiply": lambda one, two, parts: one * two,
}


@pytest.fixture(scope="module")
def routed(shelf: Shelf, numbers: tuple[Known, Data]) -> tuple[dict[str, Recipe], dict[str, GradientReport]]:
    recipes = {layout: shelf.recipe(layout, *numbers) for layout in MERGED}
    recipes["weighted-average"] = shelf.recipe("weighted-average", *numbers, weights=[3, 1])
    return recipes, shelf.reports(list(recipes.values()))


@pytest.mark.parametrize("layout", MERGED)
def test_each_layout_routes_the_gradient_as_its_operator_says(layout: str, shelf: Shelf, routed: tuple) -> None:
    """∂L/∂f_m = ∂L/∂y · ∂y/∂f_m, sample by sample: Add (1, 1), Average 1/M, Multiply the other, Subtract (1, −1)."""
    recipe, report = (each[layout] for each in routed)
    loader = Loader(shelf.files)
    samples, splits = loader.samples(recipe)
    rows = splits.training[probe_rows(len(splits.training))]
    x, y = samples.inputs["x"][rows, 0].astype(np.float64), samples.target[rows].astype(np.float64)
    features = {"one": 2 * x, "two": -3 * x}
    into = dict(features)
    slopes, after, offset = {"one": 1.0, "two": 1.0}, 1.0, 0.0
    if layout in OF_FEATURES:
        fused = build(recipe, loader.models(recipe))
        [[after]], [offset] = fused.get_layer("head").get_weights()
        for name, number in (("one", 1), ("two", 2)):
            [[slopes[name]]], [shift] = fused.get_layer(f"{layout}.projection-{number}").get_weights()
            into[name] = slopes[name] * features[name] + shift
    parts = {**OF_PREDICTIONS, **OF_FEATURES}[layout](into["one"], into["two"])
    merged = MERGED[layout](into["one"], into["two"], parts)
    at_output = 2 * (after * merged + offset - y) / len(y)
    found = by_layer(report)
    for name, part in zip(features, parts, strict=True):
        arrived = at_output * after * part * slopes[name]
        assert report.ends[name] == pytest.approx(np.linalg.norm(arrived), rel=1e-5)
        assert report.routes[name] == pytest.approx(np.linalg.norm(arrived) / np.linalg.norm(at_output), rel=1e-5)
        assert found[f"{name}.features"].norm == pytest.approx(abs(arrived @ x), rel=1e-4)
        if layout in OF_PREDICTIONS:
            assert found[f"{name}.out"].norm == pytest.approx(abs(arrived @ features[name]), rel=1e-4)
    assert report.samples == len(y) == 36


@pytest.fixture(scope="module")
def copies(shelf: Shelf) -> tuple[Known, Data]:
    """One network, uploaded three times under other names."""
    members = shelf.open(*(tanh_member(f"copy-{number}", 1) for number in range(1, 4)), scaling="standard")
    assert len({member.sha256 for member, _ in members}) == 3
    return members, shelf.bind(members, WINE)


@pytest.mark.parametrize("count", [2, 3])
def test_the_average_of_equal_uploads_gives_each_its_part_exactly(count: int, shelf: Shelf, copies: tuple[Known, Data]) -> None:
    members, data = copies
    [member, facts] = members[0]
    graph = alone(member, facts, data, shelf.requests.bind(data))
    single = Recipe(name="single", members=(member,), data=data, graph=graph)
    recipe = shelf.recipe("average", members[:count], data)
    reports = shelf.reports([single, recipe])
    whole = [layer.norm for layer in reports["single"].layers]
    fused = reports["average"]
    for place, (own, _) in enumerate(members[:count]):
        part = [layer.norm for layer in fused.layers if layer.member == own.name]
        np.testing.assert_allclose(part, [norm / count for norm in whole], rtol=1e-6)
        assert fused.shares[own.name] == pytest.approx(1 / count, rel=1e-6)
        said = predicted(recipe, fused)[place]
        assert said == f"{own.name} gets 1/{count} of the gradient at the output: measured {1 / count:.3f}"


SHUT = {"tanh-gate": ("white", "tanh-gate.alpha-2"), "residual-series": ("red", "onto-white.change-2")}
"""For layouts that start shut: the member behind the gate, and what is to open it."""


@pytest.fixture(scope="module")
def shut(shelf: Shelf, wine: tuple[Known, Data]) -> dict[str, GradientReport]:
    return shelf.reports([shelf.recipe(layout, *wine) for layout in (*SHUT, "majority-vote")])


@pytest.mark.parametrize("layout", SHUT)
def test_behind_what_starts_at_zero_nothing_learns(layout: str, shut: dict[str, GradientReport]) -> None:
    report, (member, opener) = shut[layout], SHUT[layout]
    assert report.ends[member] == 0 and report.shares[member] == 0
    for layer in report.layers:
        if layer.member == member:
            assert layer.norm == 0 and layer.verdict == "structurally zero" and f"{opener} starts at zero" in layer.reason
    gate = by_layer(report)[opener]
    assert gate.norm > 1e-3 and gate.verdict == "healthy"


@pytest.mark.parametrize("layout", ["tanh-gate", pytest.param("residual-series", marks=pytest.mark.nightly)])
def test_the_first_step_opens_it(layout: str, shelf: Shelf, wine: tuple[Known, Data]) -> None:
    report, (member, _) = shelf.reports([shelf.recipe(layout, *wine)], steps=1)[layout], SHUT[layout]
    assert report.ends[member] > 0
    assert all(layer.norm > 0 and layer.verdict != "structurally zero" for layer in report.layers if layer.member == member)


def test_a_hard_vote_passes_none(shut: dict[str, GradientReport]) -> None:
    report = shut["majority-vote"]
    assert report.layers and all(layer.norm is None for layer in report.layers)
    assert {layer.verdict for layer in report.layers} == {report.verdict} == {"structurally zero"}
    assert "hard vote" in report.summary and not report.shares and not report.ends


def twice_soft(name: str) -> keras.Model:
    """A common slip: the last layer gives probabilities, and a softmax stands behind it."""
    inner = tanh_member("inner", 4)
    x = keras.Input((13,))
    return keras.Model(x, L.Softmax(name="again")(L.Average()([inner(x), tanh_member("other", 5)(x)])), name=name)


def test_a_second_softmax_is_told_with_the_most_that_a_class_can_get(shelf: Shelf) -> None:
    members = shelf.open(tanh_member("plain", 3), twice_soft("twice"), scaling="standard")
    planned = shelf.recipe("average", members, shelf.bind(members, WINE))
    report = shelf.reports([planned])["average"]
    assert report.notes == (
        "twice.again takes the softmax of what is a softmax already: none of 3 classes can get above 0.576.",
    )
    assert report.notes[0] in sentences(planned, report)
    model = twice_soft("twice")
    for weight in model.weights:
        weight.assign(100 * weight)
    assert 0.57 < np.max(model(np.random.default_rng(0).normal(size=(100, 13)))) < 0.5762


def attentive(name: str) -> keras.Model:
    """Tokens that look at one token and then at all of them, and a bias right before a BatchNormalization."""
    keras.utils.set_random_seed(0)
    x = keras.Input((13,))
    tokens = L.Dense(4, name="tokens")(L.Reshape((13, 1))(x))
    one = L.Reshape((1, 4))(L.GlobalAveragePooling1D()(tokens))
    seen = L.Add()([tokens, L.MultiHeadAttention(2, 2, name="at-one")(tokens, one)])
    seen = L.MultiHeadAttention(2, 2, name="at-all")(seen, seen)
    h = L.BatchNormalization(name="norm")(L.Dense(6, name="before")(L.Flatten()(seen)))
    return keras.Model(x, L.Dense(3, activation="softmax", name="out")(L.Activation("tanh")(h)), name=name)


def test_attention_and_normalization_silence_what_mathematics_says(shelf: Shelf) -> None:
    members = shelf.open(tanh_member("plain", 3), attentive("attentive"), scaling="standard")
    found = by_layer(shelf.reports([shelf.recipe("average", members, shelf.bind(members, WINE))])["average"])
    for part in ("query", "key"):
        one, every = found[f"attentive.at-one/{part}"], found[f"attentive.at-all/{part}"]
        assert one.norm == 0 and one.verdict == "structurally zero" and "one key token" in one.reason
        assert every.norm > 0 and every.verdict == "healthy"
    assert found["attentive.at-one/value"].verdict == "healthy"
    assert "its bias gets none by design" in found["attentive.at-all/key"].reason
    assert "norm right after it subtracts every constant" in found["attentive.before"].reason
    assert found["attentive.out"].reason == found["attentive.at-all/query"].reason == "The gradient reaches it."


def tokens(name: str, seed: int) -> keras.Model:
    """A member whose features have several positions."""
    keras.utils.set_random_seed(seed)
    x = keras.Input((13,))
    h = L.Conv1D(4, 3, activation="tanh", name="positions")(L.Reshape((13, 1))(x))
    return keras.Model(x, L.Dense(3, activation="softmax", name="out")(L.GlobalAveragePooling1D()(h)), name=name)


@pytest.mark.nightly
def test_cross_attention_passes_nothing_to_the_others_before_its_first_step(shelf: Shelf) -> None:
    members = shelf.open(tokens("asks", 1), tokens("answers", 2), scaling="standard")
    planned = shelf.recipe("cross-attention", members, shelf.bind(members, WINE))
    report = shelf.reports([planned])["cross-attention"]
    assert prediction(planned).routes == {"answers": 0.0} and measured_route(report, "answers") == 0
    assert report.ends["asks"] > 0 and report.ends["answers"] == 0


def test_a_head_over_joined_features_starts_at_the_average_of_the_logits(shelf: Shelf, wine: tuple[Known, Data]) -> None:
    said = shelf.requests.build(shelf.recipe("concatenate", *wine)).start
    assert said.startswith("Starts at the members' logit average")
    assert float(said.split()[-1].rstrip(".")) <= 3e-7


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
