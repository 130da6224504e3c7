from dataclasses import replace
from functools import partial
from pathlib import Path

import keras
import numpy as np
import pytest
from scipy import special
from sklearn import datasets
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LinearRegression
from sklearn.metrics import accuracy_score, log_loss, mean_absolute_error, mean_squared_error

from components.data.binding import propose
from components.data.bound import bind
from components.data.examples import example_facts
from components.data.load import load_samples
from components.data.split import split
from components.fusion.build import build
from components.fusion.plan import plan
from components.recipe import Member, Recipe, Target
from components.training.alone import facts_of
from components.training.chance import chance_warnings
from components.training.evaluate import evaluate
from components.training.frozen import halves
from components.training.run import train
from components.training.scaling import best_scaling, propose_scalings
from components.training.scores import loss_and_metric

MEMBERS = Path(__file__).resolve().parents[2] / "assets" / "members"


def bound_example(name):
    data = propose(example_facts(name))
    samples = load_samples(data, None)
    return data, samples, split(samples, data.split)


def dense(inputs, units, activation, x, y, loss, seed=0, epochs=6):
    """A small member that was trained on these arrays."""
    keras.utils.set_random_seed(seed)
    layers = [keras.layers.Flatten(), keras.layers.Dense(32, "relu"), keras.layers.Dense(units, activation)]
    model = keras.Sequential([keras.Input(inputs), *layers])
    model.compile(keras.optimizers.Adam(0.01), loss, jit_compile=False)
    model.fit(x, y, epochs=epochs, batch_size=64, verbose=0)
    return model


@pytest.fixture(scope="module")
def on_digits():
    """Digits from 0 to 16, with two members that were trained on 0 to 1: one gives probabilities, one logits of an image."""
    data, samples, splits = bound_example("digits")
    x, y = datasets.load_digits().data[splits.training] / 16, samples.target[splits.training]
    sparse = keras.losses.SparseCategoricalCrossentropy
    return (
        (data, samples, splits),
        {
            "flat": dense((64,), 10, "softmax", x, y, sparse()),
            "picture": dense((8, 8, 1), 10, None, x.reshape(-1, 8, 8, 1), y, sparse(from_logits=True), seed=1),
        },
    )


def recipe_of(data, models, layout="average", scalings=None, frozen=False):
    scalings = scalings or {}
    members = [
        Member(name=name, sha256="0" * 64, file_name=f"{name}.keras", scaling=scalings.get(name, "none"), frozen=frozen)
        for name in models
    ]
    pairs = [(member, facts_of(member, models[member.name])) for member in members]
    graph = plan(layout, {}, pairs, data, bind(data, None)).graph if len(members) > 1 else None
    return Recipe(members=tuple(members), data=data, graph=graph)


def test_members_find_their_scale(on_digits):
    (data, samples, splits), models = on_digits
    assert propose_scalings(recipe_of(data, models), models, samples, splits) == {"flat": "unit", "picture": "unit"}


@pytest.mark.parametrize("turned", [1, 2])
def test_a_member_with_its_classes_in_another_order_finds_its_scale(turned):
    data, samples, splits = bound_example("wine")
    model = keras.models.load_model(MEMBERS / "wine-deep.keras")
    models, other = {"deep": model}, replace(samples, target=(samples.target + turned) % 3)
    assert propose_scalings(recipe_of(data, models), models, samples, splits) == {"deep": "none"}
    assert propose_scalings(recipe_of(data, models), models, other, splits) == {"deep": "none"}
    assert "another order" in chance_warnings(recipe_of(data, models), models, other, splits)["deep"]


def test_members_that_fit_as_they_are_stay_unscaled(on_digits):
    (data, samples, splits), models = on_digits
    small = replace(samples, inputs={name: array / 16 for name, array in samples.inputs.items()})
    assert propose_scalings(recipe_of(data, models), models, small, splits) == {"flat": "none", "picture": "none"}


def discriminant(x, y, sureness):
    """A linear member that is fitted to these rows by hand, and as sure of what it says as it is told to be."""
    fitted = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=0.1).fit(x, y)
    model = keras.Sequential([keras.Input(x.shape[1:]), keras.layers.Dense(len(fitted.classes_), activation="softmax")])
    model.set_weights([sureness * fitted.coef_.T, sureness * fitted.intercept_])
    return model


@pytest.mark.parametrize(
    ("example", "scalings"),
    [
        ("digits", {"none": lambda x: x, "unit": lambda x: x / 16, "symmetric": lambda x: x / 8 - 1}),
        ("wine", {"none": lambda x: x, "standard": lambda x: (x - x.mean(axis=0)) / x.std(axis=0)}),
    ],
)
def test_how_sure_a_member_is_does_not_change_its_scale(example, scalings):
    data, samples, splits = bound_example(example)
    (values,) = samples.inputs.values()
    rows, y = values.reshape(len(values), -1)[splits.training], samples.target[splits.training]
    models = {
        f"{scaling}-{name}": discriminant(scaled(rows), y, sureness)
        for scaling, scaled in scalings.items()
        for name, sureness in (("unsure", 0.1), ("right", 1.0), ("too-sure", 3.0))
    }
    recipe = Recipe(members=tuple(Member(name=n, sha256="0" * 64, file_name="m.keras") for n in models), data=data)
    assert propose_scalings(recipe, models, samples, splits) == {name: name.partition("-")[0] for name in models}


@pytest.mark.parametrize("task", ["binary", "multiclass", "multilabel"])
def test_the_surer_predictions_are_not_the_better_ones(task):
    """Under the first scaling a member is nearly always right and hardly sure, under the second it is often wrong and sure."""
    rng, classes = np.random.default_rng(0), {"binary": 2, "multiclass": 3, "multilabel": 4}[task]
    target = Target(name="y", task=task, classes=tuple("abcd"[:classes]))
    truth = rng.integers(0, 2, (300, 4)) if task == "multilabel" else rng.integers(0, classes, 300)
    signs = 2 * truth - 1 if task == "multilabel" else 2 * np.eye(classes)[truth] - 1
    clear, blurred = 0.05 * (signs + rng.normal(0, 0.3, signs.shape)), signs + rng.normal(0, 1.5, signs.shape)
    activation = special.expit if task == "multilabel" else partial(special.softmax, axis=1)
    predicted = {"unit": activation(clear), "standard": activation(blurred)}
    if task == "binary":
        predicted = {scaling: each[:, 1:] for scaling, each in predicted.items()}
    losses = [loss_and_metric(task, each, truth)[0] for each in predicted.values()]
    assert losses[0] > losses[1], "by their losses as they are, the second would be taken"
    assert best_scaling(target, predicted, truth) == "unit"
    assert best_scaling(target, dict(reversed(predicted.items())), truth) == "unit"


@pytest.mark.parametrize(("samples", "found"), [(1, "none"), (5, "none"), (400, "standard")])
def test_the_usual_scaling_stays_until_more_than_chance_speaks_against_it(samples, found):
    rng, target = np.random.default_rng(1), Target(name="y", task="regression")
    truth = rng.normal(size=400)
    predicted = {"none": truth + rng.normal(0, 1.1, 400), "standard": truth + rng.normal(0, 0.8, 400)}
    few = {scaling: each[:samples, None] for scaling, each in predicted.items()}
    assert best_scaling(target, few, truth[:samples]) == found
    assert best_scaling(target, {}, truth[:samples]) == "none"


def test_scores_are_those_of_scikit_learn(on_digits):
    (data, samples, splits), models = on_digits
    recipe = recipe_of(data, models, scalings=dict.fromkeys(models, "unit"))
    scores = evaluate(recipe, build(recipe, models), models, samples, splits, "validation", "test")
    for part, rows in (("validation", splits.validation), ("test", splits.test)):
        x, y = datasets.load_digits().data[rows] / 16, samples.target[rows]
        logits = models["picture"].predict(x.reshape(-1, 8, 8, 1), verbose=0)
        flat, picture = models["flat"].predict(x, verbose=0), np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        expected = {
            ("fused", "fused model"): (flat + picture) / 2,
            ("member", "flat"): flat,
            ("member", "picture"): picture,
            ("average", "plain average"): (flat + picture) / 2,
        }
        told = {(score.kind, score.name): score for score in scores if score.split == part}
        assert list(told) == list(expected)
        for name, probabilities in expected.items():
            shares = probabilities / probabilities.sum(axis=1, keepdims=True)
            assert told[name].loss == pytest.approx(log_loss(y, shares), rel=1e-3) and told[name].note == ""
            assert told[name].metric == pytest.approx(accuracy_score(y, probabilities.argmax(axis=1)))
        assert told["member", "flat"].metric > 0.9


def test_frozen_members_of_a_layout_are_run_once(on_digits):
    (data, samples, splits), models = on_digits
    recipe = recipe_of(data, models, "concatenate", dict.fromkeys(models, "unit"), frozen=True)
    model = build(recipe, models)
    assert halves(model, len(samples.target)) is not None
    points = []
    trained = train(recipe, model, samples, splits, points.append, lambda: False)
    for name, member in models.items():
        for kept, before in zip(model.get_layer(name).weights, member.weights, strict=False):
            np.testing.assert_array_equal(kept.numpy(), before.numpy())
    score = evaluate(recipe, model, models, samples, splits, "validation")[0]
    best = [point for point in points if point.split == "validation"][trained.best_epoch]
    assert (score.loss, score.metric) == pytest.approx((best.loss, best.metric), rel=1e-4)


def test_a_joint_model_is_scored_by_the_mean_of_its_outputs(on_digits):
    (data, samples, splits), models = on_digits
    recipe = recipe_of(data, models, "joint", dict.fromkeys(models, "unit"))
    fused, first, second, _ = evaluate(recipe, build(recipe, models), models, samples, splits, "test")
    assert fused.loss == pytest.approx((first.loss + second.loss) / 2, rel=1e-5)
    assert fused.metric == pytest.approx((first.metric + second.metric) / 2) and "2 outputs" in fused.note


def test_a_member_that_cannot_predict_the_target_is_told(on_digits):
    (data, samples, splits), models = on_digits
    x = keras.Input((64,))
    odd = {**models, "odd": keras.Model(x, keras.layers.Dense(3, activation="softmax")(x))}
    recipe = recipe_of(data, odd, "concatenate")
    _, *members, average = evaluate(recipe, build(recipe, odd), odd, samples, splits, "test")
    told = members[2]
    assert (told.name, told.loss, told.metric) == ("odd", None, None) and "3 classes" in told.note
    assert "1 cannot predict" in average.note


def test_a_member_whose_predictions_are_not_numbers_has_no_score(on_digits):
    (data, samples, splits), models = on_digits
    x = keras.Input((64,))
    broken = keras.Model(x, keras.layers.Dense(10, "softmax", kernel_initializer=keras.initializers.Constant(np.nan))(x))
    both = {**models, "broken": broken}
    recipe = recipe_of(data, both)
    scores = {score.name: score for score in evaluate(recipe, build(recipe, both), both, samples, splits, "test")}
    assert scores["broken"].loss is None and "not numbers" in scores["broken"].note
    assert scores["flat"].loss is not None


@pytest.mark.parametrize(("order", "cause"), [(slice(None), None), (slice(None, None, -1), "another order")])
def test_a_member_with_its_classes_in_another_order_is_warned_of(on_digits, order, cause):
    (data, samples, splits), models = on_digits
    dense_layer = models["flat"].layers[-1]
    before = dense_layer.get_weights()
    dense_layer.set_weights([before[0][:, order], before[1][order]])
    recipe = recipe_of(data, {"flat": models["flat"]}, scalings={"flat": "unit"})
    warnings = chance_warnings(recipe, models, samples, splits)
    dense_layer.set_weights(before)
    assert (cause is None and warnings == {}) or (cause in warnings["flat"] and "no better than chance" in warnings["flat"])


def test_a_member_of_other_data_is_warned_of(on_digits):
    (data, samples, splits), _ = on_digits
    x, y = np.random.default_rng(0).random((500, 64)), np.arange(500) % 10
    stranger = {"stranger": dense((64,), 10, "softmax", x, y, "sparse_categorical_crossentropy", epochs=1)}
    warnings = chance_warnings(recipe_of(data, stranger), stranger, samples, splits)
    assert "trained on other data" in warnings["stranger"]


def line(weights, bias):
    """A linear model with these weights."""
    model = keras.Sequential([keras.Input((len(weights),)), keras.layers.Dense(1)])
    model.set_weights([np.reshape(weights, (-1, 1)), np.reshape(bias, 1)])
    return model


def test_regression_members_are_scored_and_warned_of():
    data, samples, splits = bound_example("diabetes")
    x, y = samples.inputs["x"], samples.target
    fitted = LinearRegression().fit(x[splits.training], y[splits.training])
    good, bad = line(fitted.coef_, fitted.intercept_), line(np.ones(10), 0)
    models = {"good": good, "bad": bad}
    recipe = recipe_of(data, models)
    told, predicted = y[splits.test], fitted.predict(x[splits.test])
    score = evaluate(recipe, build(recipe, models), models, samples, splits, "test")[1]
    assert score.loss == pytest.approx(mean_squared_error(told, predicted), rel=1e-4)
    assert score.metric == pytest.approx(mean_absolute_error(told, predicted), rel=1e-4)
    warnings = chance_warnings(recipe, models, samples, splits)
    assert set(warnings) == {"bad"} and "the target's own mean" in warnings["bad"]


@pytest.mark.parametrize("columns", [1, 2])
def test_yes_no_predictions_are_scored_with_one_unit_or_two(columns):
    rng = np.random.default_rng(0)
    probability, target = rng.random(200), (rng.random(200) > 0.4).astype(np.float32)
    prediction = probability[:, None] if columns == 1 else np.stack([1 - probability, probability], axis=1)
    loss, metric = loss_and_metric("binary", prediction, target)
    assert loss == pytest.approx(log_loss(target, probability))
    assert metric == pytest.approx(accuracy_score(target, probability > 0.5))
