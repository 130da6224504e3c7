from __future__ import annotations

import math
from dataclasses import replace

import keras
import numpy as np
import pytest

from components.gradients.judged import judged
from components.gradients.layout_verdict import SENTENCES, layout_verdict
from components.gradients.measure import measure
from components.gradients.report import GradientReport, LayerGradient
from components.gradients.shares import shares
from components.gradients.verdicts import RULES, Evidence, Thresholds, judge, number
from tests.gradients.fused import batch, branch, recipe

L = keras.layers
CROSS_ENTROPY = keras.losses.SparseCategoricalCrossentropy()

PLAIN = Evidence(layer="a", member=None, kind="Dense", variables=2, norm=1.0, weight=1.0, finite_weights=True)
OTHERS = [replace(PLAIN, layer=f"other-{index}") for index in range(4)]

CASES = {
    "_weights_broken": ("not a number", replace(PLAIN, finite_weights=False, weight=math.nan)),
    "_gradient_broken": ("not a number", replace(PLAIN, norm=math.inf)),
    "_untrainable": ("frozen", replace(PLAIN, variables=0, norm=None, silent="it holds statistics")),
    "_frozen": ("frozen", replace(PLAIN, variables=0, norm=None)),
    "_silent": ("structurally zero", replace(PLAIN, norm=0.0, silent="a gate is shut")),
    "_disconnected": ("disconnected", replace(PLAIN, norm=None)),
    "_dead_units": ("dead units", replace(PLAIN, dead=0.5)),
    "_nothing_arrives": ("vanishing", replace(PLAIN, norm=0.0)),
    "_exploding": ("exploding", replace(PLAIN, norm=101.0)),
    "_vanishing": ("vanishing", replace(PLAIN, norm=0.009)),
    "_healthy": ("healthy", replace(PLAIN, norm=0.011)),
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.reason.__name__)
def test_each_rule_has_a_case_a_reason_and_a_remedy(rule: object) -> None:
    verdict, evidence = CASES[rule.reason.__name__]
    judged = judge([evidence, *OTHERS])
    assert judged[0].verdict == verdict == rule.verdict
    assert judged[0].reason.endswith(".") and judged[0].remedy == rule.remedy
    assert bool(rule.remedy) == (verdict != "healthy")
    assert {layer.verdict for layer in judged[1:]} == {"healthy"}
    assert all(value is None or math.isfinite(value) for layer in judged for value in (layer.norm, layer.weight))


def test_thresholds_can_be_moved() -> None:
    weak, strong = replace(PLAIN, norm=0.05), replace(PLAIN, norm=20.0)
    assert [layer.verdict for layer in judge([weak, strong, *OTHERS])][:2] == ["healthy", "healthy"]
    strict = Thresholds(vanishing=0.1, exploding=10)
    assert [layer.verdict for layer in judge([weak, strong, *OTHERS], strict)][:2] == ["vanishing", "exploding"]


@pytest.mark.parametrize("thresholds", [Thresholds(), Thresholds(vanishing=0.9, exploding=2, dead=0.01)])
def test_a_report_is_judged_again_as_it_was_measured(thresholds: Thresholds) -> None:
    evidence = [each for _, each in CASES.values()] + [
        replace(PLAIN, member=name, norm=norm) for name, norm in (("a", 1), ("b", 99))
    ]
    measured = GradientReport(
        layout="x", title="X", samples=1, loss=1, layers=judge(evidence), bottleneck="a sigmoid", verdict="healthy"
    )
    again = judged(GradientReport.model_validate_json(measured.model_dump_json()), thresholds)
    assert again.layers == judge(evidence, thresholds)
    assert (again.verdict, again.summary) == layout_verdict(again.layers, "a sigmoid")
    assert (again.layers == measured.layers) == (thresholds == Thresholds())


@pytest.mark.parametrize("weight", [0.0, 1e-3])
def test_what_has_just_started_at_zero_is_not_blamed_for_its_small_weights(weight: float) -> None:
    fresh, *_ = judge([replace(PLAIN, weight=weight, norm=5.0), *OTHERS])
    assert fresh.verdict == "healthy"
    assert {layer.verdict for layer in judge([replace(each, norm=101.0) for each in (PLAIN, *OTHERS)])} == {"exploding"}


def layer(name: str, member: str | None, norm: float | None, verdict: str = "healthy", reason: str = "") -> LayerGradient:
    return LayerGradient(
        layer=name, member=member, kind="Dense", variables=2, norm=norm, weight=1.0, verdict=verdict, reason=reason
    )


@pytest.mark.parametrize("verdict", SENTENCES)
def test_each_verdict_has_a_sentence_for_the_layout_and_the_gravest_wins(verdict: str) -> None:
    milder = list(SENTENCES)[list(SENTENCES).index(verdict) :]
    layers = [layer(each, None, 1.0, each, "So it is.") for each in reversed(milder)]
    found, sentence = layout_verdict(layers)
    assert found == verdict and sentence.endswith(".") and sentence[0].isupper() | sentence[0].isdigit()


def test_the_sentence_names_the_starved_member_and_what_starves_it() -> None:
    layers = [layer("wine.dense", "wine", 1e-3, "vanishing"), layer("digits.dense", "digits", 0.3)]
    found, sentence = layout_verdict(layers, "the softmax of wine before digits")
    assert found == "vanishing"
    assert sentence == "wine gets a gradient 300 times weaker than digits: the softmax of wine before digits."


def test_series_through_a_saturated_softmax_is_called_a_bottleneck() -> None:
    x = keras.Input((6,), name="x")
    first, second = branch("wine"), branch("digits", features=6)
    first.set_weights([weight * 60 for weight in first.get_weights()])
    model = keras.Model(x, second(L.Dense(6, name="adapter")(first(x))))
    report = measure(recipe("wine", "digits"), model, *batch(), CROSS_ENTROPY)
    strength = {member: math.sqrt(share) for member, share in report.shares.items()}
    assert strength["digits"] / strength["wine"] > 10
    assert report.summary.endswith("weaker than digits: the softmax between them is a bottleneck.")


def test_parallel_members_have_no_bottleneck_between_them() -> None:
    x = keras.Input((6,), name="x")
    loud = branch("loud")
    model = keras.Model(x, L.Add()([L.Rescaling(1e-3)(branch("quiet")(x)), loud(x)]))
    report = measure(recipe("loud", "quiet"), model, *batch(), lambda target, y: keras.ops.sum(keras.ops.square(y)))
    assert "quiet gets a gradient" in report.summary and "bottleneck" not in report.summary


def test_broken_weights_are_named_although_a_relu_hides_them() -> None:
    x = keras.Input((6,), name="x")
    broken = L.Dense(4, activation="relu", name="broken")
    model = keras.Model(x, L.Dense(3, activation="softmax", name="head")(broken(x)))
    kernel, bias = broken.get_weights()
    kernel[0, 0] = np.nan
    broken.set_weights([kernel, bias])
    report = measure(recipe(), model, *batch(), CROSS_ENTROPY)
    assert report.layers[0].verdict == report.verdict == "not a number"
    assert "weights" in report.layers[0].reason and report.layers[0].weight is None
    assert GradientReport.model_validate_json(report.model_dump_json()) == report


def test_frozen_layers_are_listed_and_a_frozen_model_says_so() -> None:
    x = keras.Input((6,), name="x")
    one, two = branch("one"), branch("two")
    one.trainable = False
    model = keras.Model(x, L.Average()([one(x), two(x)]))
    report = measure(recipe("one", "two"), model, *batch(), CROSS_ENTROPY)
    assert [layer.verdict for layer in report.layers if layer.member == "one"] == ["frozen", "frozen"]
    assert all(layer.norm is None and layer.weight > 0 for layer in report.layers if layer.member == "one")
    assert report.shares == {"two": 1.0} and report.verdict == "healthy"
    two.trainable = False
    report = measure(recipe("one", "two"), model, *batch(), CROSS_ENTROPY)
    assert report.verdict == "frozen" and report.shares == {}


def test_only_what_could_learn_is_said_to_be_unfrozen() -> None:
    x = keras.Input((6, 2), name="x")
    adapted = L.Normalization()
    adapted.adapt(np.ones((5, 6, 2)))
    layers = [
        adapted,
        L.BatchNormalization(center=False, scale=False),
        L.BatchNormalization(),
        L.LSTM(3),
        L.Dense(4),
        L.Dense(3, activation="softmax"),
    ]
    model = keras.Sequential([x, *layers])
    statistics = layers[:2]
    for layer in layers[2:5]:
        layer.trainable = False
    inputs, target = {"x": np.zeros((5, 6, 2), np.float32)}, np.zeros(5, np.int64)
    report = measure(recipe(), model, inputs, target, CROSS_ENTROPY)
    told = {each.layer: (each.verdict, "Unfreeze" in each.remedy) for each in report.layers}
    expected = {layer.name: ("frozen", layer not in statistics) for layer in layers[:5]}
    assert {name: told[name] for name in expected} == expected
    assert report.layers[-1].verdict == "healthy"


def test_a_layer_behind_a_stopped_gradient_is_disconnected() -> None:
    x = keras.Input((6,), name="x")
    h = keras.ops.stop_gradient(L.Dense(4, name="cut-off")(x))
    report = measure(recipe(), keras.Model(x, L.Dense(3, activation="softmax")(h)), *batch(), CROSS_ENTROPY)
    assert (report.layers[0].verdict, report.layers[0].norm) == ("disconnected", None)
    assert report.verdict == "disconnected" and "cut-off" in report.summary


@pytest.mark.parametrize("apart", [False, True], ids=["own activation", "behind a normalization"])
@pytest.mark.parametrize(("off", "verdict"), [(0, "healthy"), (1, "healthy"), (2, "dead units"), (4, "dead units")])
def test_units_that_are_never_on_are_counted(apart: bool, off: int, verdict: str) -> None:
    x = keras.Input((6,), name="x")
    first = L.Dense(4, activation=None if apart else "relu", name="first")
    normal = L.BatchNormalization(name="normal")
    h = L.ReLU()(normal(first(x))) if apart else first(x)
    model = keras.Model(x, L.Dense(3, activation="softmax", name="head")(h))
    bias = np.where(np.arange(4) < off, -100.0, 1.0).astype("float32")
    owner = normal if apart else first
    weights = owner.get_weights()
    owner.set_weights([weights[0], bias, *weights[2:]])
    found = {layer.layer: layer for layer in measure(recipe(), model, *batch(), CROSS_ENTROPY).layers}
    assert found["normal" if apart else "first"].dead == off / 4 and found["head"].dead is None
    assert found["normal" if apart else "first"].verdict == verdict
    assert not apart or found["first"].dead is None
    if off >= 2:
        assert f"{off / 4:.0%} of its units" in found["normal" if apart else "first"].reason


def test_a_unit_that_one_pixel_wakes_is_not_dead() -> None:
    x = keras.Input((3, 3, 1), name="x")
    h = L.Conv2D(2, 1, activation="relu", use_bias=False, kernel_initializer="ones", name="conv")(x)
    model = keras.Model(x, L.Dense(1)(L.Flatten()(h)))
    images = -np.ones((5, 3, 3, 1), "float32")
    for woken, share in ((False, 1.0), (True, 0.0)):
        images[4, 2, 2, 0] = 1.0 if woken else -1.0
        report = measure(recipe(), model, {"x": images}, np.ones((5, 1), "float32"), keras.losses.MeanSquaredError())
        assert report.layers[0].dead == share
        assert (report.layers[0].verdict == "dead units") != woken


def test_shares_are_parts_of_the_sum_of_squares() -> None:
    layers = [layer("a.1", "a", 3.0), layer("a.2", "a", 4.0), layer("b.1", "b", 5.0), layer("head", None, 100.0)]
    assert shares(layers) == {"a": 0.5, "b": 0.5}
    assert shares([layer("a.1", "a", 0.0), layer("b.1", "b", None)]) == {}


@pytest.mark.parametrize(
    ("value", "text"), [(0.5, "0.5"), (3.14159, "3.1"), (317.0, "320"), (1.34e6, "1,300,000"), (3.6e12, "4 × 10^12")]
)
def test_factors_read_well(value: float, text: str) -> None:
    assert number(value) == text
