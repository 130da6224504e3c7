"""Layouts trained together: each learns what it learns alone, and what plain Keras learns on the same batches."""

import keras
import numpy as np
import pytest

from components.data.bound import bind
from components.fusion.build import build
from components.fusion.plan import plan
from components.recipe import Member, Recipe, Refusal, Training
from components.training import pace
from components.training.alone import facts_of
from components.training.batches import training_batches
from components.training.run import train
from components.training.together.head import Head, Reading
from components.training.together.training import JointTraining
from components.training.together.watch import JointWatch
from tests.training.test_evaluate import bound_example, dense

LAYOUTS = ("concatenate", "stacking", "mixture-of-experts", "residual-series", "average")
"""A head over features, one over predictions, a gate, a member behind an adapter, and one with nothing to train."""


def never():
    return False


@pytest.fixture(scope="module")
def digits():
    """Two members with normalization and dropout of their own, and the digits in 0–16."""
    data, samples, splits = bound_example("digits")
    x, y = samples.inputs[data.inputs[0].name][splits.training], samples.target[splits.training]
    models = {
        "a": dense(x.shape[1:], 10, "softmax", x, y, "sparse_categorical_crossentropy", epochs=1),
        "b": dense(x.shape[1:], 10, None, x, y, keras.losses.SparseCategoricalCrossentropy(True), seed=1, epochs=1),
    }
    return data, samples, splits, models


@pytest.fixture
def recipes(digits):
    """Makes the recipe of each of some layouts over the two members, frozen."""

    def recipes(*layouts, seed=0, frozen=True, **settings):
        data, _, _, models = digits
        members = [Member(name=name, sha256="0" * 64, file_name=f"{name}.keras", frozen=frozen) for name in models]
        pairs = [(member, facts_of(member, models[member.name])) for member in members]
        return [
            Recipe(
                members=tuple(members),
                data=data,
                layout=layout,
                graph=plan(layout, {}, pairs, data, bind(data, None)).graph,
                training=Training(**{"epochs": 3, "batch_size": 100, "learning_rate": 0.01, **settings}),
                seed=seed,
            )
            for layout in layouts
        ]

    return recipes


def trained_alone(recipe, digits):
    _, samples, splits, models = digits
    model, points = build(recipe, models), []
    outcome = train(recipe, model, samples, splits, points.append, never)
    return model, outcome, [(point.epoch, point.loss, point.metric) for point in points if point.split == "validation"]


def trained_together(recipes, digits, *seeds):
    _, samples, splits, models = digits
    joint = JointTraining(recipes, models, samples, splits, never)
    for seed in seeds:
        points = []
        outcomes = joint.train(seed, lambda place, point, points=points: points.append((place, point)))
    curves = [[] for _ in recipes]
    for place, point in points:
        if point.split == "validation":
            curves[place].append((point.epoch, point.loss, point.metric))
    return joint, outcomes, curves


def own_weights(joint, index, recipe):
    """The weights of one layout by their names without the layout's prefix."""
    return {weight.path.removeprefix(f"{index}."): weight.numpy() for weight in joint._joint.own_weights(index)}


@pytest.mark.parametrize(
    "settings",
    [
        {"learning_rate": 0.3, "patience": 1, "epochs": 8},
        {"optimizer": "adamw", "schedule": "cosine", "warm_up": 1, "weight_averaging": 0.9, "balance_classes": True},
    ],
    ids=["patience", "many settings"],
)
def test_layouts_learn_together_what_each_learns_alone(settings, recipes, digits):
    asked = recipes(*LAYOUTS, seed=5, **settings)
    # Another seed is trained first: nothing of it may be left.
    joint, outcomes, curves = trained_together(asked, digits, 2, 5)
    for index, recipe in enumerate(asked):
        model, outcome, curve = trained_alone(recipe, digits)
        ours, theirs = own_weights(joint, index, recipe), {weight.path: weight.numpy() for weight in model.weights}
        assert outcomes[index].best_epoch == outcome.best_epoch and outcomes[index].epochs == outcome.epochs
        assert outcomes[index].notes == outcome.notes and outcomes[index].steps == outcome.steps
        assert len(ours) == len(model.trainable_weights)
        for path, value in ours.items():
            np.testing.assert_allclose(value, theirs[path], atol=1e-5, err_msg=f"{recipe.layout} {path}")
        if recipe.layout != "average":
            np.testing.assert_allclose(curves[index], curve, atol=1e-5)
    if "patience" in settings:
        assert len({outcome.epochs for outcome in outcomes[:-1]}) > 1


def test_a_pass_together_is_plain_fit_on_the_same_batches(recipes, digits):
    data, samples, splits, models = digits
    asked = recipes("concatenate", "stacking", epochs=1)
    joint, _, _ = trained_together(asked, digits, 0)
    x, y = samples.inputs[data.inputs[0].name][splits.training], samples.target[splits.training]
    for index, recipe in enumerate(asked):
        plain = build(recipe, models)
        plain.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy", jit_compile=False)
        batches, _ = training_batches([x], [y], 100, 0)
        plain.fit(batches, epochs=1, shuffle=False, verbose=0)
        for weight in plain.trainable_weights:
            np.testing.assert_allclose(own_weights(joint, index, recipe)[weight.path], weight.numpy(), atol=1e-5)


def test_predictions_are_those_of_the_models_and_members_stay_to_the_bit(recipes, digits):
    data, samples, splits, models = digits
    asked = recipes("average", "concatenate", epochs=2)
    before = [weight.copy() for model in models.values() for weight in model.get_weights()]
    joint, _, _ = trained_together(asked, digits, 0)
    x = samples.inputs[data.inputs[0].name][splits.test]
    for recipe, [predicted] in zip(asked, joint.predict("test"), strict=True):
        model, _, _ = trained_alone(recipe, digits)
        np.testing.assert_allclose(predicted, model.predict(x, verbose=0), atol=1e-5)
    after = [weight for model in models.values() for weight in model.get_weights()]
    assert all(np.array_equal(one, other) for one, other in zip(before, after, strict=True))


@pytest.mark.parametrize("before", [0, 60], ids=["slow before", "as quick before"])
def test_seeds_may_be_trained_at_different_paces(before, recipes, digits, monkeypatch):
    _, samples, splits, models = digits
    asked = recipes("concatenate", "stacking", epochs=2)
    joint, points = JointTraining(asked, models, samples, splits, never), []
    monkeypatch.setattr(pace, "LONGEST_CALL", before)
    joint.train(2, lambda place, point: None)
    joint.predict("test")
    monkeypatch.setattr(pace, "LONGEST_CALL", 60)
    outcomes = joint.train(5, lambda place, point: points.append((place, point)))
    fresh, expected, curves = trained_together(asked, digits, 5)
    assert [outcome.steps for outcome in outcomes] == [outcome.steps for outcome in expected]
    for index, recipe in enumerate(asked):
        theirs = own_weights(fresh, index, recipe)
        for path, value in own_weights(joint, index, recipe).items():
            np.testing.assert_allclose(value, theirs[path], atol=1e-5, err_msg=f"{recipe.layout} {path}")
        told = [(each.epoch, each.loss, each.metric) for place, each in points if place == index and each.split == "validation"]
        np.testing.assert_allclose(told, curves[index], atol=1e-5)
    for [ours], [theirs] in zip(joint.predict("test"), fresh.predict("test"), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_a_layout_whose_loss_is_no_number_ends_and_the_others_go_on():
    weights, points = [keras.Variable(1.0), keras.Variable(1.0)], [[], []]
    heads = [
        Head([Reading(f"{name}_loss", f"{name}_accuracy", 1.0)], [weight], 0, told.append)
        for name, weight, told in zip("ab", weights, points, strict=True)
    ]
    watch = JointWatch(heads, samples=10, batch_size=5, stop=never)
    watch.set_model(keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)]))
    watch.start({"a_loss": 2.0, "a_accuracy": 0.5, "b_loss": 2.0, "b_accuracy": 0.5})
    for epoch, loss in enumerate((1.0, np.nan, np.nan)):
        for weight in weights:
            weight.assign(epoch + 2.0)
        logs = {"a_loss": loss, "a_accuracy": 0.5, "b_loss": 1.0 / (epoch + 1), "b_accuracy": 0.5}
        watch.on_epoch_begin(epoch)
        watch.on_train_batch_end(1, logs)
        watch.on_epoch_end(epoch, {f"val_{name}": value for name, value in logs.items()})
        assert not watch.model.stop_training
    watch.on_train_end()
    watch.restore()
    assert [(head.epochs, head.best, head.broken) for head in heads] == [(1, 1, 4), (3, 3, None)]
    assert [float(weight.numpy()) for weight in weights] == [2.0, 4.0]
    assert [[point.epoch for point in told if point.split == "validation"] for told in points] == [[0, 1], [0, 1, 2, 3]]


def test_a_stop_ends_all(recipes, digits):
    _, samples, splits, models = digits
    joint = JointTraining(recipes("concatenate", "stacking"), models, samples, splits, lambda: True)
    assert joint.train(0, lambda place, point: None) is None


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"clip_norm": 1.0}, "norm over all gradients is clipped"),
        ({"schedule": "plateau"}, "follows its own validation loss"),
        ({"frozen": False}, "not all frozen"),
    ],
)
def test_what_would_let_one_layout_change_another_is_refused(settings, words, recipes, digits):
    _, samples, splits, models = digits
    with pytest.raises(Refusal, match=words):
        JointTraining(recipes("concatenate", "stacking", **settings), models, samples, splits, never)


def test_recipes_that_differ_in_more_than_their_layout_are_refused(recipes, digits):
    _, samples, splits, models = digits
    asked = [*recipes("concatenate"), *recipes("stacking", batch_size=10)]
    with pytest.raises(Refusal, match="these differ"):
        JointTraining(asked, models, samples, splits, never)
