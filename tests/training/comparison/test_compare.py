"""A comparison from recipes to its rows, against plain training, NumPy and scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, log_loss

from components.data.bound import bind
from components.fusion.build import build
from components.fusion.plan import plan
from components.recipe import Member, Recipe, Training
from components.training.alone import facts_of
from components.training.comparison.compare import compare
from components.training.run import train
from tests.training.test_evaluate import bound_example, dense

LAYOUTS = ("average", "concatenate", "residual-series")


@pytest.fixture(scope="module")
def compared():
    """Layouts over two frozen members of the digits, trained with two seeds."""
    data, samples, splits = bound_example("digits")
    x, y = samples.inputs[data.inputs[0].name][splits.training], samples.target[splits.training]
    models = {
        name: dense(x.shape[1:], 10, "softmax", x, y, "sparse_categorical_crossentropy", seed, epochs=1)
        for seed, name in enumerate(("a", "b"))
    }
    members = tuple(Member(name=name, sha256="0" * 64, file_name=f"{name}.keras", frozen=True) for name in models)
    facts = {member.name: facts_of(member, models[member.name]) for member in members}
    pairs = [(member, facts[member.name]) for member in members]
    recipes = {
        layout: Recipe(
            members=members,
            data=data,
            layout=layout,
            graph=plan(layout, {}, pairs, data, bind(data, None)).graph,
            training=Training(epochs=2, batch_size=64, learning_rate=0.01),
        )
        for layout in LAYOUTS
    }
    points = []
    report = compare(recipes, models, samples, splits, 2, lambda *told: points.append(told), lambda: False)
    return recipes, models, samples, splits, report, points


def shares(said):
    return said.astype(float) / said.astype(float).sum(axis=1, keepdims=True)


def row(report, name):
    [found] = [each for each in report.contenders if each.name == name]
    return found


def test_rows_are_layouts_members_and_the_average_the_best_first(compared):
    _, _, _, splits, report, _ = compared
    assert {each.name for each in report.contenders} == {*LAYOUTS, "a", "b", "plain average"}
    scores = [each.score for each in report.contenders]
    assert scores == sorted(scores, reverse=True) and report.samples == len(splits.test)
    for each in report.contenders:
        assert each.low < each.score < each.high


def test_a_layout_has_the_scores_of_plain_training(compared):
    recipes, models, samples, splits, report, points = compared
    x, wanted = samples.inputs[recipes["concatenate"].data.inputs[0].name][splits.test], samples.target[splits.test]
    said = []
    for seed in (0, 1):
        recipe = recipes["concatenate"].model_copy(update={"seed": seed})
        model = build(recipe, models)
        train(recipe, model, samples, splits, lambda point: None, lambda: False)
        said.append(model.predict(x, verbose=0))
    found = row(report, "concatenate")
    scores = [accuracy_score(wanted, each.argmax(axis=1)) for each in said]
    assert found.scores == pytest.approx(scores, abs=0.004)
    assert found.deviation == pytest.approx(np.std(found.scores, ddof=1))
    assert found.loss == pytest.approx(np.mean([log_loss(wanted, shares(each)) for each in said]), abs=1e-3)
    assert found.parameters == model.count_params() and found.latency > 0 and found.operations > 2 * 64 * 32 * 2
    curve = [(number, point.epoch) for name, number, point in points if name == "concatenate" and point.split == "validation"]
    assert curve == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]


def test_what_needs_no_training_is_the_same_with_every_seed(compared):
    *_, report, _ = compared
    assert len(set(row(report, "average").scores)) == 1
    assert row(report, "average").score == pytest.approx(row(report, "plain average").score)
    assert "Nothing in this model can be trained" in row(report, "average").note


def test_shapley_values_of_the_average_are_those_of_its_members_with_the_other_at_its_mean(compared):
    recipes, models, samples, splits, report, _ = compared
    name = recipes["average"].data.inputs[0].name
    shown, wanted = samples.inputs[name][splits.test], samples.target[splits.test]
    fed = samples.inputs[name][splits.training]
    step = -(-len(fed) // 512)
    said = {each: models[each].predict(shown, verbose=0) for each in "ab"}
    mean = {each: models[each].predict(fed[::step], verbose=0).mean(axis=0) for each in "ab"}

    def value(a, b):
        both = (said["a"] if a else mean["a"]) + (said["b"] if b else mean["b"])
        return accuracy_score(wanted, np.broadcast_to(both, said["a"].shape).argmax(axis=1))

    first, second = row(report, "average").reliance
    assert first.shapley + second.shapley == pytest.approx(value(1, 1) - value(0, 0), abs=0.01)
    expected = (value(1, 0) - value(0, 0) + value(1, 1) - value(0, 1)) / 2
    assert first.shapley == pytest.approx(expected, abs=0.01)
    assert first.left_out == pytest.approx(value(1, 1) - value(0, 1), abs=0.01)
    assert len(first.noisy) == 3 and first.noisy[-1] <= first.noisy[0] + 0.02


def test_diversity_is_that_of_the_members_mistakes(compared):
    recipes, models, samples, splits, report, _ = compared
    shown = samples.inputs[recipes["average"].data.inputs[0].name][splits.test]
    right = [models[each].predict(shown, verbose=0).argmax(axis=1) == samples.target[splits.test] for each in "ab"]
    [pair] = report.pairs
    assert pair.disagreement == pytest.approx(np.mean(right[0] != right[1]))
    assert report.oracle == pytest.approx(np.mean(right[0] | right[1]))


def test_members_that_are_not_frozen_train_one_layout_after_the_other(compared):
    recipes, models, samples, splits, _, _ = compared
    members = tuple(member.model_copy(update={"frozen": False}) for member in recipes["average"].members)
    loose = {name: recipes[name].model_copy(update={"members": members}) for name in ("average", "concatenate")}
    before = [weight.copy() for model in models.values() for weight in model.get_weights()]
    report = compare(loose, models, samples, splits, 1, lambda *told: None, lambda: False)
    assert row(report, "average").score > row(report, "plain average").score
    after = [weight for model in models.values() for weight in model.get_weights()]
    assert all(np.array_equal(one, other) for one, other in zip(before, after, strict=True))


def test_a_stop_gives_no_report(compared):
    recipes, models, samples, splits, _, _ = compared
    assert compare(recipes, models, samples, splits, 1, lambda *told: None, lambda: True) is None
