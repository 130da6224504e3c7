"""Several targets through training and judging, against plain Keras' own `fit` with a loss and a weight for each output."""

import csv
from dataclasses import replace

import keras
import numpy as np
import pytest

from components.data.samples import Samples
from components.data.split import split
from components.fusion.build import build
from components.fusion.plan import plan
from components.recipe import Data, Input, Member, Recipe, Refusal, Split, Target, Training
from components.training.after import judge
from components.training.alone import facts_of
from components.training.batches import training_batches
from components.training.comparison.compare import compare
from components.training.comparison.contest import Contest
from components.training.comparison.outcomes import Outcomes
from components.training.evaluate import evaluate
from components.training.leaderboard.leaderboard import leaderboard
from components.training.losses import objectives
from components.training.new_predictions import predict_new
from components.training.run import train
from components.training.together.joinable import why_alone

DIGIT = Target(name="digit", task="multiclass", classes=tuple("0123456789"))
INK = Target(name="ink", task="regression", weight=3.0)
TRAITS = Target(name="traits", task="multilabel", classes=("odd", "round"), weight=0.5)


@pytest.fixture(scope="module")
def told(digits):
    """Digits with how much ink they take and two of their traits."""
    samples, _ = digits
    numbers = samples.target
    ink = samples.inputs["x"].mean(axis=1)
    traits = np.stack([numbers % 2 == 1, np.isin(numbers, (0, 6, 8, 9))], axis=1).astype(np.float32)
    found = replace(samples, others=(ink, traits))
    return found, split(found, Split())


def member(seed):
    keras.utils.set_random_seed(seed)
    x = keras.Input((64,))
    h = keras.layers.Dense(12, "relu")(x)
    classes = keras.layers.Dense(10, "softmax", name="digit")(h)
    return keras.Model(x, [keras.layers.Dense(1, name="ink")(h), classes, keras.layers.Dense(2, "sigmoid", name="traits")(h)])


@pytest.fixture(scope="module")
def members():
    return {"a": member(1), "b": member(2)}


def recipe_of(models, layout, **training):
    data = Data(sha256="", file_name="", inputs=(Input(name="x", shape=(64,)),), target=DIGIT, others=(INK, TRAITS))
    known = [Member(name=name, sha256="0" * 64, file_name=name) for name in models]
    pairs = [(each, facts_of(each, models[each.name])) for each in known]
    graph = plan(layout, {}, pairs, data, None).graph
    return Recipe(members=tuple(known), data=data, layout=layout, graph=graph, training=Training(**training))


@pytest.mark.filterwarnings("ignore:Gradients do not exist")
@pytest.mark.parametrize("layout", ["concatenate", "average"])
def test_a_run_is_plain_keras_with_a_loss_and_a_weight_for_each_output(told, members, layout):
    samples, splits = told
    asked = recipe_of(members, layout, epochs=2, batch_size=100, optimizer="sgd", learning_rate=0.02)
    ours, plain, points = build(asked, members), build(asked, members), []
    train(asked, ours, samples, splits, points.append, lambda: False)
    names = plain.output_names
    losses = ("sparse_categorical_crossentropy", "mse", "binary_crossentropy")
    plain.compile(
        keras.optimizers.SGD(0.02),
        loss=dict(zip(names, losses, strict=True)),
        loss_weights=dict(zip(names, (1.0, 3.0, 0.5), strict=True)),
        jit_compile=False,
    )
    x, goals = samples.inputs["x"], samples.targets
    targets = [goals[0], goals[1][:, None], goals[2]]
    batches, number = training_batches([x[splits.training]], [each[splits.training] for each in targets], 100, asked.seed)
    named = batches.map(lambda inputs, wanted: (inputs, dict(zip(names, wanted, strict=True))))
    for epoch in range(2):
        number.assign(epoch)
        plain.fit(named, epochs=1, shuffle=False, verbose=0)
    for one, other in zip(ours.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)
    last = [point for point in points if point.split == "validation"][-1]
    classes, numbers, labels = (each.astype(float) for each in plain.predict(x[splits.validation], verbose=0))
    y, ink, traits = (each[splits.validation] for each in goals)
    assert last.metric == pytest.approx(np.mean(classes.argmax(axis=1) == y), abs=1e-6)
    expected = -np.log(classes[np.arange(len(y)), y]).mean() + 3 * np.mean((numbers[:, 0] - ink) ** 2)
    expected -= 0.5 * np.where(traits > 0, np.log(labels), np.log(1 - labels)).mean()
    assert last.loss == pytest.approx(expected / 4.5, rel=1e-4)


def test_every_target_has_scores_of_its_own(told, members, tmp_path):
    samples, splits = told
    recipe = recipe_of(members, "average")
    fused = build(recipe, members)
    scores = {(each.name, each.target): each for each in evaluate(recipe, fused, members, samples, splits, "test")}
    assert {target for _, target in scores} == {"", "ink", "traits"} and len(scores) == 12
    said = [model.predict(samples.inputs["x"][splits.test], verbose=0) for model in members.values()]
    y, ink, traits = (each[splits.test] for each in samples.targets)
    mean = [np.mean(each, axis=0) for each in zip(*said, strict=True)]
    for name in ("fused model", "plain average"):
        assert scores[name, ""].metric == pytest.approx(np.mean(mean[1].argmax(axis=1) == y))
        assert scores[name, "ink"].metric == pytest.approx(np.abs(mean[0][:, 0] - ink).mean(), rel=1e-5)
        assert scores[name, "traits"].metric == pytest.approx(np.mean((mean[2] > 0.5) == traits))
    assert scores["b", "ink"].metric == pytest.approx(np.abs(said[1][0][:, 0] - ink).mean(), rel=1e-5)
    judged = judge(recipe, fused, members, samples, splits, tmp_path)
    assert [each.task for each in judged.analysis.outputs] == ["multiclass", "regression", "multilabel"]
    assert all(f"{each.output}: " in judged.verdict for each in judged.analysis.outputs)
    with np.load(tmp_path / "predictions.npz") as kept:
        np.testing.assert_allclose(kept["test.2.member.b"], said[1][0], rtol=1e-5)
        np.testing.assert_array_equal(kept["test.3.target"], traits)
    new = predict_new(recipe, fused, {"x": samples.inputs["x"][splits.test]})
    assert [target.name for target, _ in new] == ["digit", "ink", "traits"]
    for (_, prediction), wanted in zip(new, (mean[1], mean[0], mean[2]), strict=True):
        np.testing.assert_allclose(prediction, wanted, rtol=1e-4)
    with (tmp_path / "predictions.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["target"] for row in rows] == [DIGIT.classes[number] for number in y]
    assert [row["prediction"] for row in rows] == [DIGIT.classes[number] for number in mean[1].argmax(axis=1)]
    np.testing.assert_allclose([float(row["ink: prediction"]) for row in rows], mean[0][:, 0], rtol=1e-5)
    np.testing.assert_allclose([float(row["traits: odd"]) for row in rows], mean[2][:, 0], rtol=1e-5)
    assert [row["traits"] == "odd; round" for row in rows] == traits.all(axis=1).tolist()


def test_the_leaderboard_is_of_the_first_target(told, members):
    samples, splits = told
    recipe = recipe_of(members, "average")
    facts = {each.name: facts_of(each, members[each.name]) for each in recipe.members}
    entries = {entry.title: entry for entry in leaderboard(recipe, facts, members, samples, splits, None)}
    x = samples.inputs["x"][splits.validation]
    mean = np.mean([model.predict(x, verbose=0)[1] for model in members.values()], axis=0)
    assert entries["Average"].score == pytest.approx(np.mean(mean.argmax(axis=1) == samples.target[splits.validation]))


def test_an_output_of_a_target_that_is_gone_is_refused(members):
    recipe = recipe_of(members, "average")
    fewer = recipe.model_copy(update={"data": recipe.data.alone(DIGIT)})
    with pytest.raises(Refusal, match="predicts “ink”, “traits”; the data have the targets “digit”"):
        objectives(fewer, build(recipe, members))


def test_layouts_of_several_targets_train_by_themselves(members):
    frozen = recipe_of(members, "concatenate")
    frozen = frozen.model_copy(update={"members": tuple(each.model_copy(update={"frozen": True}) for each in frozen.members)})
    assert why_alone(frozen, members) == "it learns several targets"


def test_samples_of_one_target_are_left_as_they_are():
    samples = Samples({}, np.arange(3), "multiclass", np.arange(3))
    assert samples.alone(0, "multiclass") is samples and len(samples.targets) == 1


def test_a_comparison_of_several_targets_is_refused(told, members, tmp_path):
    contest = Contest({"concatenate": recipe_of(members, "concatenate")}, members, *told, 1)
    with pytest.raises(Refusal, match="compared on one target, and these data have 3"):
        compare(contest, Outcomes(tmp_path), None)
