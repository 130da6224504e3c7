"""What is measured on samples, against NumPy and plain loops."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import layers

from components.models.weight_space import calls
from components.models.weight_space.barrier import curve
from components.models.weight_space.calls import graph_of, run
from components.models.weight_space.facts import Score
from components.models.weight_space.information import fisher_information, gram_matrices
from components.models.weight_space.moments import measure
from components.models.weight_space.repair import Moments, blend, repairable, rescaler, unit_moments
from components.models.weight_space.similarity import similarity
from components.models.weight_space.weights import weights_of
from components.recipe import Refusal
from tests.models.weight_space.networks import NETWORKS, convolutional, dense, predict, samples, shaken


@pytest.mark.parametrize("name", NETWORKS)
def test_call_by_call_is_what_keras_predicts(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "CHUNK", 3)
    model = shaken(NETWORKS[name](), 1)
    inputs = samples(model, 8)
    for chunks, wanted in zip(run(graph_of(model), inputs), predict(model, inputs), strict=True):
        np.testing.assert_allclose(np.concatenate([np.asarray(chunk) for chunk in chunks]), wanted, atol=1e-5)


def test_masks_go_along_call_by_call() -> None:
    given = keras.Input((6,), dtype="int32")
    flow = layers.LSTM(4)(layers.Embedding(11, 3, mask_zero=True)(given))
    model = shaken(keras.Model(given, layers.Dense(2)(flow)), 1)
    inputs = samples(model, 8)
    inputs[0][:, 3:] = 0
    [chunks] = run(graph_of(model), inputs)
    np.testing.assert_allclose(np.concatenate([np.asarray(chunk) for chunk in chunks]), predict(model, inputs)[0], atol=1e-6)


def test_moving_statistics_are_the_moments_layer_by_layer() -> None:
    given = keras.Input((6, 6, 2))
    hidden = layers.ReLU()(layers.BatchNormalization(name="first")(layers.Conv2D(3, 3, name="conv")(given)))
    model = shaken(keras.Model(given, layers.Dense(2)(layers.BatchNormalization(name="second")(layers.Flatten()(hidden)))), 1)
    inputs = samples(model, 300)
    run(graph_of(model), inputs, measure)

    first, second = model.get_layer("first"), model.get_layer("second")
    flow = np.asarray(model.get_layer("conv")(inputs[0])).astype(np.float64)
    mean, variance = flow.mean(axis=(0, 1, 2)), flow.var(axis=(0, 1, 2))
    np.testing.assert_allclose(first.moving_mean, mean, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(first.moving_variance, variance, rtol=1e-5)
    flow = (flow - mean) / np.sqrt(variance + first.epsilon) * np.asarray(first.gamma) + np.asarray(first.beta)
    flow = np.maximum(flow, 0).reshape(300, -1)
    np.testing.assert_allclose(second.moving_mean, flow.mean(axis=0), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(second.moving_variance, flow.var(axis=0), rtol=1e-4, atol=1e-6)


def test_repaired_units_have_the_wanted_moments() -> None:
    model = shaken(convolutional(), 1)
    other = shaken(keras.models.clone_model(model), 2)
    inputs = samples(model, 200)
    graph = graph_of(model)
    names = repairable(graph)
    assert len(names) == 1, "one dense layer is hidden and has a bias; the convolution has none"
    wanted = blend([unit_moments(each, inputs) for each in (graph, graph_of(other))], (0.25, 0.75))
    run(graph, inputs, rescaler(wanted))
    hidden = model.get_layer(names.pop())
    function = keras.Model(model.inputs[0], hidden.input)
    sums = np.asarray(function(inputs[0])) @ np.asarray(hidden.kernel) + np.asarray(hidden.bias)
    [moments] = wanted.values()
    np.testing.assert_allclose(sums.mean(axis=0), moments.mean, atol=1e-4)
    np.testing.assert_allclose(sums.std(axis=0), moments.deviation, rtol=1e-4)
    same = {"a": Moments(np.array([1.0]), np.array([2.0]))}
    assert blend([same, same], (0.5, 0.5)) == same


def loops(model: keras.Model, inputs: np.ndarray, answer_by: str) -> list[np.ndarray]:
    """The Fisher information by finite differences in float64 of what plain Keras predicts, weight by weight."""

    def outputs() -> np.ndarray:
        return np.asarray(model(inputs)).astype(np.float64)

    found = []
    now = outputs()
    for variable in model.trainable_weights:
        values = np.asarray(variable)
        information = np.zeros(values.shape)
        for index in np.ndindex(values.shape):
            sides = []
            for step in (1e-3, -1e-3):
                moved = values.copy()
                moved[index] += step
                variable.assign(moved)
                sides.append(outputs())
            variable.assign(values)
            slope = (sides[0] - sides[1]) / 2e-3
            if answer_by == "softmax":
                information[index] = (slope**2 / now).sum(axis=1).mean()
            elif answer_by == "sigmoid":
                information[index] = (slope**2 / (now * (1 - now))).sum(axis=1).mean()
            else:
                information[index] = (slope**2).sum(axis=1).mean()
        found.append(information)
    return found


@pytest.mark.parametrize(("head", "units"), [("softmax", 3), ("sigmoid", 2), ("linear", 1)])
def test_fisher_information_by_finite_differences(head: str, units: int) -> None:
    model = shaken(
        keras.Sequential([keras.Input((2,)), layers.Dense(3, activation="tanh"), layers.Dense(units, activation=head)]), 3
    )
    [inputs] = samples(model, 20)
    found = fisher_information(model, weights_of(graph_of(model)), [inputs])
    for information, wanted in zip(found, loops(model, inputs, head), strict=True):
        np.testing.assert_allclose(information, wanted, rtol=2e-2, atol=1e-4)


def test_fisher_information_of_logits_is_that_of_their_softmax() -> None:
    model = shaken(keras.Sequential([keras.Input((2,)), layers.Dense(3, activation="relu"), layers.Dense(4)]), 4)
    with_softmax = keras.Sequential([keras.Input((2,)), *model.layers, layers.Softmax()])
    [inputs] = samples(model, 20)
    found = [fisher_information(each, weights_of(graph_of(each)), [inputs]) for each in (model, with_softmax)]
    for one, two in zip(*found, strict=True):
        np.testing.assert_allclose(one, two, rtol=1e-3, atol=1e-6)


def test_fisher_information_of_several_outputs_is_refused() -> None:
    model = NETWORKS["concatenated"]()
    with pytest.raises(Refusal, match="one prediction"):
        fisher_information(model, weights_of(graph_of(model)), samples(model))


def test_gram_matrices_are_of_what_flows_in() -> None:
    model = shaken(dense(), 1)
    [inputs] = samples(model, 40)
    graph = graph_of(model)
    found = gram_matrices(graph, weights_of(graph), [inputs])
    before_last = np.asarray(keras.Model(model.inputs[0], model.layers[-1].input)(inputs))
    grams = [gram for gram in found if gram is not None]
    assert [weight.name.split("/")[-1] for weight, gram in zip(weights_of(graph), found, strict=True) if gram is not None] == [
        "kernel"
    ] * 3
    np.testing.assert_allclose(grams[0], inputs.T @ inputs, rtol=1e-4)
    np.testing.assert_allclose(grams[2], before_last.T @ before_last, rtol=1e-4)


def test_a_barrier_by_hand() -> None:
    """Between x = −1 and x = 3 the loss x⁴ rises nowhere above the line; the loss −x² + 9 does, most in the middle."""

    def line(loss: object) -> float:
        def score(arrays: list[np.ndarray], share: float) -> Score:
            assert arrays[0][0] == pytest.approx(-1 + 4 * share)
            return Score(loss=loss(float(arrays[0][0])), metric=0)

        return curve("by hand", [[np.array([-1.0])], [np.array([3.0])]], score, 5).barrier

    assert line(lambda x: x**4) == 0
    assert line(lambda x: 9 - x**2) == pytest.approx(8 - (8 + 0) / 2)


def test_cosines_tell_relatives_from_strangers() -> None:
    draw = np.random.default_rng(0)
    base, one, two = draw.normal(size=(3, 50, 40))
    relatives = similarity({"a": [base + 0.2 * one, np.ones(40)], "b": [base + 0.2 * two, np.ones(40)]}, ("base", [base]))
    assert relatives is not None and relatives.verdict == "common ancestor"
    assert relatives.members[0].cosine == pytest.approx(1 / (1 + 0.2**2), abs=0.01)
    assert [each.first for each in relatives.base] == ["base", "base"]
    strangers = similarity({"a": [one, np.ones(40)], "b": [two, np.ones(40)]})
    assert strangers is not None and strangers.verdict == "independent" and abs(strangers.members[0].cosine) < 0.1
    between = similarity({"a": [one], "b": [one + 3 * two]})
    assert between is not None and between.verdict == "unclear"
    assert similarity({"a": [one]}) is None
