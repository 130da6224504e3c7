"""Several labels at once, through training and judging, against plain Keras and scikit-learn."""

import keras
import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score, log_loss

from components.data.samples import Samples
from components.data.split import split
from components.fusion.build import build
from components.fusion.layouts import LAYOUTS
from components.fusion.plan import plan
from components.recipe import Data, Input, Member, Recipe, Split, Target
from components.training.alone import facts_of
from components.training.batches import training_batches
from components.training.chance import chance_warnings
from components.training.evaluate import evaluate
from components.training.feed import answer_text
from components.training.leaderboard.leaderboard import leaderboard
from components.training.run import train
from components.training.scores import loss_and_metric

NAMES = ("low", "odd", "round", "rare")
TARGET = Target(name="y", task="multilabel", classes=NAMES)


@pytest.fixture(scope="module")
def labelled(digits):
    """What is true of a digit: below 5, odd, with a closed loop, a seven; several of them at once."""
    samples, _ = digits
    numbers = samples.target
    labels = np.stack([numbers < 5, numbers % 2 == 1, np.isin(numbers, (0, 6, 8, 9)), numbers == 7], axis=1)
    found = Samples(samples.inputs, labels.astype(np.float32), "multilabel", samples.rows)
    return found, split(found, Split())


@pytest.fixture(scope="module")
def members(labelled):
    """Two trained members; the second ends in logits."""
    samples, splits = labelled
    x, y = samples.inputs["x"][splits.training], samples.target[splits.training]
    models = {}
    for seed, (name, activation) in enumerate((("a", "sigmoid"), ("b", None))):
        keras.utils.set_random_seed(seed)
        layers = [keras.Input((64,)), keras.layers.Dense(16, "relu"), keras.layers.Dense(4, activation)]
        models[name] = keras.Sequential(layers)
        loss = keras.losses.BinaryCrossentropy(from_logits=activation is None)
        models[name].compile(keras.optimizers.Adam(0.01), loss, jit_compile=False)
        models[name].fit(x, y, epochs=3, batch_size=64, verbose=0)
    return models


def recipe_of(models, layout=None, orders=None):
    data = Data(sha256="", file_name="", inputs=(Input(name="x", shape=(64,)),), target=TARGET)
    named = [Member(name=name, sha256="0" * 64, file_name=name, classes=(orders or {}).get(name, ())) for name in models]
    recipe = Recipe(members=tuple(named), data=data)
    if layout is None:
        return recipe
    known = [(member, facts_of(member, models[member.name])) for member in named]
    return recipe.model_copy(update={"graph": plan(layout, {}, known, data, None).graph, "layout": layout})


@pytest.mark.parametrize("activation", ["sigmoid", None])
def test_a_run_is_plain_keras_on_the_same_batches(labelled, recipe, network, activation):
    samples, splits = labelled
    asked = recipe(TARGET, epochs=2, batch_size=100, optimizer="sgd", learning_rate=0.5, balance_classes=True)
    ours, plain, points = network(4, activation), network(4, activation), []
    train(asked, ours, samples, splits, points.append, lambda: False)
    loss = keras.losses.BinaryCrossentropy(from_logits=activation is None)
    plain.compile(keras.optimizers.SGD(0.5), loss, jit_compile=False)
    x, y = samples.inputs["x"], samples.target
    batches, number = training_batches([x[splits.training]], [y[splits.training]], 100, asked.seed)
    for epoch in range(2):
        number.assign(epoch)
        for batch in batches:
            plain.train_on_batch(*batch)
    for one, other in zip(ours.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)
    given = plain.predict(x[splits.validation], verbose=0)
    right = (given > (0.5 if activation else 0)) == (y[splits.validation] > 0.5)
    last = [point for point in points if point.split == "validation"][-1]
    assert last.epoch == 2 and last.metric == pytest.approx(right.mean(), abs=1e-6)


def test_loss_and_accuracy_of_labels_are_scikit_learns():
    random = np.random.default_rng(0)
    prediction, target = random.random((50, 4)), (random.random((50, 4)) < 0.3).astype("float32")
    loss, accuracy = loss_and_metric("multilabel", prediction, target)
    assert loss == pytest.approx(np.mean([log_loss(target[:, k], prediction[:, k]) for k in range(4)]))
    assert accuracy == pytest.approx(accuracy_score(target.ravel(), prediction.ravel() > 0.5))


@pytest.fixture(scope="module")
def alone(labelled, members):
    """What each member says of the validation split, as probabilities."""
    samples, splits = labelled
    x = samples.inputs["x"][splits.validation]
    said = {name: model.predict(x, verbose=0).astype(float) for name, model in members.items()}
    return {"a": said["a"], "b": 1 / (1 + np.exp(-said["b"]))}


def test_scores_name_f1_beside_the_accuracy_of_labels(labelled, members, alone):
    samples, splits = labelled
    recipe = recipe_of(members, "average")
    scores = {score.name: score for score in evaluate(recipe, build(recipe, members), members, samples, splits, "validation")}
    truth = samples.target[splits.validation]
    for name, expected in (("a", alone["a"]), ("b", alone["b"]), ("fused model", (alone["a"] + alone["b"]) / 2)):
        assert scores[name].metric == pytest.approx(np.mean((expected > 0.5) == truth), abs=1e-6)
        f1 = np.mean([f1_score(truth[:, k], expected[:, k] > 0.5, zero_division=0) for k in range(4)])
        assert f"F1 {f1:.3f}" in scores[name].note
        assert scores[name].low < scores[name].metric < scores[name].high


def test_the_leaderboard_holds_every_rule_that_fits_labels(labelled, members, alone):
    samples, splits = labelled
    recipe = recipe_of(members)
    facts = {member.name: facts_of(member, members[member.name]) for member in recipe.members}
    entries = {entry.title: entry for entry in leaderboard(recipe, facts, members, samples, splits, None)}
    truth = samples.target[splits.validation]
    for title, expected in (("Average", (alone["a"] + alone["b"]) / 2), ("Maximum", np.maximum(alone["a"], alone["b"]))):
        assert entries[title].score == pytest.approx(np.mean((expected > 0.5) == truth))
        assert entries[title].loss == pytest.approx(log_loss(truth.ravel(), expected.ravel()), rel=1e-5)
    best = min(entries[name].loss for name in "ab")
    assert entries["Greedy selection"].loss <= best and entries["Convex weight search"].loss <= best
    assert LAYOUTS["majority-vote"].title not in entries and "Average, temperature fitted" not in entries


def test_labels_in_another_order_are_told_and_put_right_by_their_names(labelled, members):
    samples, splits = labelled
    mixed = keras.models.clone_model(members["a"])
    *hidden, kernel, bias = members["a"].get_weights()
    mixed.set_weights([*hidden, np.roll(kernel, 1, axis=1), np.roll(bias, 1)])
    turned = {"a": mixed, "b": members["b"]}
    told = chance_warnings(recipe_of(turned), turned, samples, splits)
    assert set(told) == {"a"} and "With its labels in another order" in told["a"]
    named = recipe_of(turned, orders={"a": (NAMES[3], *NAMES[:3])})
    assert chance_warnings(named, turned, samples, splits) == {}


def test_a_member_of_other_data_is_at_chance(labelled, members):
    samples, splits = labelled
    stranger = {"a": members["a"], "noise": keras.models.clone_model(members["a"])}
    told = chance_warnings(recipe_of(stranger), stranger, samples, splits)
    assert set(told) == {"noise"} and "trained on other data" in told["noise"]


def test_answers_are_words():
    assert answer_text(TARGET, np.array([1, 0, 1, 0])) == "low; round"
    assert answer_text(Target(name="y", task="binary", classes=("no", "yes")), np.float32(1)) == "yes"
    assert answer_text(Target(name="y", task="regression"), np.float32(0.5)) == "0.5"
