"""The whole merge on models: what it leaves alone, what it refuses, and what it tells."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers

from components.models.weight_space.facts import Merging, Score
from components.models.weight_space.merge import merge
from components.models.weight_space.methods import MERGES
from components.models.weight_space.samples import Samples
from components.recipe import Refusal
from tests.models.weight_space.networks import convolutional, dense, predict, samples, shaken
from tests.plain_keras import PlainKeras


def row(*middle: keras.layers.Layer, units: int = 4, inputs: int = 3) -> keras.Model:
    return keras.Sequential([keras.Input((inputs,)), layers.Dense(units, name="hidden"), *middle, layers.Dense(2, name="head")])


def pair(build: Callable[[], keras.Model] = row) -> dict[str, keras.Model]:
    return {"a": shaken(build(), 1), "b": shaken(build(), 2)}


def kernel_size(model: keras.Model) -> Score:
    """A judge who likes small weights."""
    size = float(sum(np.abs(np.asarray(weight)).sum() for weight in model.weights))
    return Score(loss=size, metric=-size)


@pytest.mark.parametrize("name", MERGES)
def test_every_merge_of_real_models(name: str) -> None:
    models = pair(lambda: row(layers.BatchNormalization()))
    base = shaken(row(layers.BatchNormalization()), 3)
    before = {key: model.get_weights() for key, model in (*models.items(), ("base", base))}
    data = Samples(inputs=samples(base, 20), score=kernel_size)
    model, report = merge(models, Merging(method=name), base=("base", base), samples=data)
    for key, member in (*models.items(), ("base", base)):
        for now, then in zip(member.get_weights(), before[key], strict=True):
            np.testing.assert_array_equal(now, then)
    assert [layer.name for layer in model.layers] == [layer.name for layer in models["a"].layers]
    assert all(np.isfinite(array).all() and array.dtype == np.float32 for array in model.get_weights())
    statistics = [place for place, weight in enumerate(model.weights) if weight.name.startswith("moving")]
    if not MERGES[name].linear:
        for place in statistics:
            middle = np.mean([before["a"][place], before["b"][place]], axis=0)
            np.testing.assert_allclose(model.get_weights()[place], middle, atol=1e-6)
    assert (report.method, report.members, report.base) == (name, ("a", "b"), "base")
    assert [(score.name, score.kind) for score in report.scores] == [
        ("a", "member"), ("b", "member"), ("base", "base"), ("merged", "merged")
    ]  # fmt: skip
    assert report.scores[-1].loss == pytest.approx(kernel_size(model).loss)
    assert any("measure them anew" in note for note in report.notes)


def test_the_average_of_linear_models_averages_their_outputs_in_plain_keras(tmp_path: Path, plain_keras: PlainKeras) -> None:
    models = {name: shaken(keras.Sequential([keras.Input((3,)), layers.Dense(2)]), seed) for seed, name in enumerate("abc")}
    model = merge(models, Merging(options={"weights": [1, 2, 1]})).model
    model.save(tmp_path / "merged.keras")
    inputs = samples(model, 6)
    wanted = np.average([predict(each, inputs)[0] for each in models.values()], axis=0, weights=[1, 2, 1])
    np.testing.assert_allclose(plain_keras.predict(tmp_path / "merged.keras", inputs)[0], wanted, atol=1e-6)


def test_a_model_and_its_own_reordered_twin_align_to_the_model_again() -> None:
    model = shaken(row(layers.ReLU(), layers.BatchNormalization()), 1)
    twin = keras.models.clone_model(model)
    order, arrays = [2, 0, 3, 1], model.get_weights()
    twin.set_weights(
        [array[:, order] if array.shape == (3, 4) else array[order] if array.shape[0] == 4 else array for array in arrays]
    )
    merged, report = merge({"a": model, "twin": twin}, Merging(align=True))
    for found, wanted in zip(merged.get_weights(), arrays, strict=True):
        np.testing.assert_allclose(found, wanted, atol=1e-6)
    assert report.aligned[0].cosine == pytest.approx(1)
    assert any("order of a's" in note for note in report.notes)


def test_moving_statistics_are_measured_after_the_merge() -> None:
    models = pair(convolutional)
    inputs = samples(models["a"], 100)
    model, report = merge(models, Merging(re_estimate=True), samples=Samples(inputs=inputs))
    [normalization] = [layer for layer in model.layers if isinstance(layer, layers.BatchNormalization)]
    flow = np.asarray(keras.Model(model.inputs[0], normalization.input)(inputs[0]))
    np.testing.assert_allclose(normalization.moving_mean, flow.mean(axis=(0, 1, 2)), atol=1e-5)
    assert any("1 layers were measured anew on 100 samples" in note for note in report.notes)
    assert report.scores == report.curves == ()


@pytest.mark.parametrize("name", MERGES)
def test_frozen_layers_stay_to_the_last_bit(name: str) -> None:
    base = shaken(row(layers.BatchNormalization()), 3)
    members = {"a": keras.models.clone_model(base), "b": keras.models.clone_model(base)}
    for seed, member in enumerate(members.values()):
        member.set_weights(base.get_weights())
        member.get_layer("hidden").trainable = False
        shaken(member.get_layer("head"), seed)
    data = Samples(inputs=samples(base, 20), score=kernel_size)
    model = merge(members, Merging(method=name), base=("base", base), samples=data).model
    for kept, wanted in zip(model.get_layer("hidden").get_weights(), base.get_layer("hidden").get_weights(), strict=True):
        np.testing.assert_array_equal(kept, wanted)
    assert not np.array_equal(model.get_layer("head").get_weights()[0], base.get_layer("head").get_weights()[0])
    assert not model.get_layer("hidden").trainable


def test_a_greedy_soup_is_judged_on_whole_models() -> None:
    models = pair()
    inputs = samples(models["a"])
    report = merge(models, Merging(method="greedy-soup"), samples=Samples(inputs, kernel_size)).report
    reached = {score.name: score.metric for score in report.scores}
    assert reached["merged"] >= max(reached["a"], reached["b"])
    lowest = merge(models, Merging(method="greedy-soup"), samples=Samples(inputs, kernel_size, higher_is_better=False)).report
    assert lowest.scores[-1].metric == pytest.approx(min(reached["a"], reached["b"]))


NEEDS = {
    "ties": "as the base",
    "fisher": "Choose a dataset",
    "regmean": "Choose a dataset",
    "greedy-soup": "dataset with a target",
}


@pytest.mark.parametrize("name", NEEDS)
def test_what_is_missing_is_said(name: str) -> None:
    with pytest.raises(Refusal, match=NEEDS[name]):
        merge(pair(), Merging(method=name))


@pytest.mark.parametrize(
    ("merging", "count", "sentence"),
    [
        (Merging(method="blend"), 2, "No merge is called"),
        (Merging(method="slerp"), 3, "takes 2 members; 3 chosen"),
        (Merging(), 1, "takes 2 to 16 members; 1 chosen"),
        (Merging(method="slerp", options={"t": 2}), 2, "“t” of slerp"),
        (Merging(re_estimate=True), 2, "Choose a dataset"),
        (Merging(repair=True), 2, "Choose a dataset"),
    ],
)
def test_what_does_not_fit_is_said(merging: Merging, count: int, sentence: str) -> None:
    models = {name: shaken(row(), seed) for seed, name in enumerate("abc"[:count])}
    with pytest.raises(Refusal, match=sentence):
        merge(models, merging)


def test_alignment_and_a_base_do_not_go_together() -> None:
    base = shaken(row(), 3)
    with pytest.raises(Refusal, match="Switch alignment and repair off"):
        merge(pair(), Merging(method="ties", align=True), base=("base", base))
    with pytest.raises(Refusal, match="base and a member too"):
        merge(pair(), Merging(method="ties"), base=("a", base))
    with pytest.raises(Refusal, match="no hidden units"):
        merge({name: keras.Sequential([keras.Input((3,)), layers.Dense(2)]) for name in "ab"}, Merging(align=True))


def halves() -> keras.Model:
    return keras.Sequential([keras.Input((3,)), layers.Dense(4, dtype="float16", name="hidden"), layers.Dense(2, name="head")])


def twice() -> keras.Model:
    """As `row` with a second hidden layer, except that it is the first one once more."""
    given, layer = keras.Input((4,)), layers.Dense(4, name="hidden")
    return keras.Model(given, layers.Dense(2, name="head")(layer(layer(given))))


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        (row(), row(units=5), ["layer 1 is hidden (Dense, 4) in a and hidden (Dense, 5) in b"]),
        (row(), row(inputs=2), ["layer 1", "weights of shapes [(3, 4), (4,)] and [(2, 4), (4,)]"]),
        (row(layers.ReLU(name="r")), row(layers.ELU(name="e")), ["layer 2 is r (ReLU, 4) in a and e (ELU, 4) in b"]),
        (row(layers.Activation("relu")), row(layers.Activation("tanh")), ["activation relu and tanh"]),
        (row(), row(layers.ReLU()), ["layer 2 is head (Dense, 2) in a"]),
        (row(), halves(), ["hidden/kernel is float32 in a and float16 in b"]),
        (row(layers.Dense(4), inputs=4), twice(), ["layer 2", "(Dense, 4) in a and hidden (Dense, 4) in b"]),
        (row(), convolutional(), ["Dense", "Conv2D"]),
    ],
)
def test_the_first_difference_is_named(first: keras.Model, second: keras.Model, said: list[str]) -> None:
    with pytest.raises(Refusal) as refused:
        merge({"a": first, "b": second}, Merging())
    for part in said:
        assert part in refused.value.sentence


def test_names_of_layers_and_dropout_rates_do_not_matter() -> None:
    models = {"a": dense(), "b": dense()}
    assert [layer.name for layer in models["a"].layers] != [layer.name for layer in models["b"].layers]
    models["b"].layers[2].rate = 0.1
    assert merge(models, Merging()).report.members == ("a", "b")


def test_normalizations_of_different_data_are_averaged() -> None:
    models, means = {}, []
    for seed, name in enumerate("ab"):
        data = np.random.default_rng(seed).normal(loc=seed, size=(20 + 10 * seed, 3)).astype("float32")
        normalization = layers.Normalization(name="normalization")
        normalization.adapt(data)
        models[name] = shaken_head(keras.Sequential([keras.Input((3,)), normalization, layers.Dense(2, name="head")]), seed)
        means.append((data.mean(axis=0), data.var(axis=0)))
    model = merge(models, Merging()).model
    mean, variance = np.mean(means, axis=0)
    kernel, bias = (
        np.mean(arrays, axis=0) for arrays in zip(*(m.layers[-1].get_weights() for m in models.values()), strict=True)
    )
    inputs = samples(model, 6)
    wanted = (inputs[0] - mean) / np.sqrt(variance) @ kernel + bias
    np.testing.assert_allclose(predict(model, inputs)[0], wanted, atol=1e-5)


def shaken_head(model: keras.Model, seed: int) -> keras.Model:
    shaken(model.get_layer("head"), seed)
    return model


def test_models_without_weights_are_refused() -> None:
    models = {name: keras.Sequential([keras.Input((3,)), layers.ReLU()]) for name in "ab"}
    with pytest.raises(Refusal, match="nothing to merge"):
        merge(models, Merging(align=True))


def test_weights_that_are_no_numbers_are_named() -> None:
    models = pair()
    models["b"].get_layer("head").bias.assign([np.nan, 1])
    with pytest.raises(Refusal, match="head/bias of b"):
        merge(models, Merging())


def test_a_scale_beyond_half_precision_is_refused() -> None:
    models, base = pair(halves), shaken(halves(), 3)
    models["a"].get_layer("hidden").bias.assign([6e4] * 4)
    models["b"].get_layer("hidden").bias.assign([6e4] * 4)
    with pytest.raises(Refusal, match="smaller scale"):
        merge(models, Merging(method="task-arithmetic", options={"scale": 5}), base=("base", base))


def test_hostile_names_stay_on_one_line() -> None:
    models = {"a\n<script>" + "x" * 100: row(), "b": row(units=5)}
    with pytest.raises(Refusal) as refused:
        merge(models, Merging())
    assert "\n" not in refused.value.sentence and "x" * 61 not in refused.value.sentence
