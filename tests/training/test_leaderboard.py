"""Rules judged without training: the same numbers as the built models, and fits against scikit-learn and brute force."""

import itertools

import keras
import numpy as np
import pytest
from scipy import special
from sklearn.metrics import accuracy_score, log_loss, mean_squared_error, r2_score

from components.data.bound import bind
from components.fusion.build import build
from components.fusion.layouts import LAYOUTS
from components.fusion.plan import plan
from components.recipe import Member, Recipe
from components.training.alone import facts_of
from components.training.feed import feed
from components.training.leaderboard.fits import FITS
from components.training.leaderboard.leaderboard import leaderboard
from components.training.leaderboard.one_pass import OnePass
from tests.training.test_evaluate import bound_example, dense

CLASSES = 4


def table_of(example, units, activation, loss):
    """An example's table with three members trained on parts of its columns; the last one on its target shuffled."""
    data, samples, splits = bound_example(example)
    [(_, inputs)] = samples.inputs.items()
    x = inputs[splits.training]
    y = samples.target[splits.training]
    random = np.random.default_rng(0)
    models = {
        "good": dense(x.shape[1:], units, activation, x, y, loss, epochs=30),
        "fair": dense(x.shape[1:], units, activation, x, y, loss, seed=1, epochs=4),
        "poor": dense(x.shape[1:], units, activation, x, random.permutation(y), loss, seed=2, epochs=4),
    }
    members = tuple(Member(name=name, sha256="0" * 64, file_name=name) for name in models)
    recipe = Recipe(members=members, data=data)
    facts = {member.name: facts_of(member, models[member.name]) for member in members}
    return recipe, facts, models, samples, splits, bind(data, None)


@pytest.fixture(scope="module", params=["breast-cancer", "iris", "diabetes"])
def table(request):
    kinds = {
        "breast-cancer": (1, "sigmoid", "binary_crossentropy"),
        "iris": (3, "softmax", "sparse_categorical_crossentropy"),
        "diabetes": (1, None, "mean_squared_error"),
    }
    return table_of(request.param, *kinds[request.param])


def predicted(table, layout, options):
    """What the built model predicts on the validation split."""
    recipe, facts, models, samples, splits, bound = table
    members = [(member, facts[member.name]) for member in recipe.members]
    whole = recipe.model_copy(update={"graph": plan(layout, options, members, recipe.data, bound).graph})
    [inputs] = feed(whole, samples)
    return build(whole, models).predict(inputs[splits.validation], verbose=0)


def test_every_entry_has_the_scores_of_the_built_model(table):
    recipe, _, models, samples, splits, _ = table
    entries = leaderboard(*table)
    assert {entry.title for entry in entries if entry.kind == "member"} == set(models)
    assert {entry.kind for entry in entries} == {"member", "rule", "fitted rule"}
    target = samples.target[splits.validation]
    for entry in entries:
        if entry.kind == "member":
            prediction = models[entry.title].predict(next(iter(samples.inputs.values()))[splits.validation], verbose=0)
        else:
            prediction = predicted(table, entry.layout, entry.options)
        if recipe.data.target.task == "regression":
            assert entry.score == pytest.approx(r2_score(target, prediction[:, 0]), abs=1e-5)
            assert entry.loss == pytest.approx(mean_squared_error(target, prediction[:, 0]), rel=1e-5)
            assert entry.calibration is None
        else:
            shares = np.column_stack([1 - prediction, prediction]) if prediction.shape[1] == 1 else prediction
            assert entry.score == pytest.approx(accuracy_score(target, shares.argmax(axis=1)))
            clipped = np.clip(shares.astype(float), 1e-7, 1 - 1e-7)
            expected = log_loss(target, clipped / clipped.sum(axis=1, keepdims=True), labels=range(shares.shape[1]))
            assert entry.loss == pytest.approx(expected, rel=1e-4, abs=1e-6)
            assert entry.calibration is not None
        assert entry.low <= entry.score <= entry.high
    scores = [entry.score for entry in entries]
    assert scores == sorted(scores, reverse=True)


def test_what_is_guaranteed_holds(table):
    entries = leaderboard(*table)
    losses = [entry.loss for entry in entries if entry.kind == "member"]
    by_title = {entry.title: entry for entry in entries}
    assert by_title["Greedy selection"].loss <= min(losses) + 1e-9
    assert by_title["Convex weight search"].loss <= min(*losses, by_title["Average"].loss) + 1e-9
    fitted = "Average, temperature fitted"
    assert (fitted in by_title) == (table[0].data.target.task == "multiclass")
    if fitted in by_title:
        assert by_title[fitted].loss <= by_title["Average"].loss + 1e-9
        assert by_title[fitted].score == by_title["Average"].score
    for title in ("Average", "Logit average"):
        if title in by_title:
            assert by_title[title].guarantee
            assert by_title[title].loss <= np.mean(losses) + 1e-9


def test_a_member_runs_once_for_all_rules(table):
    recipe, facts, models, samples, _, bound = table
    calls = []

    class Counting(OnePass):
        def _compute(self, node, feed):
            calls.extend([node.member] if node.kind == "member" else [])
            return super()._compute(node, feed)

    members = [(member, facts[member.name]) for member in recipe.members]
    one_pass = Counting(models, samples.inputs)
    for layout in ("average", "median", "weighted-average"):
        options = {"weights": (1, 2, 3)} if layout == "weighted-average" else {}
        one_pass.outputs(plan(layout, options, members, recipe.data, bound).graph)
    assert sorted(calls) == sorted(models)


def opinions(members=3, samples=60, seed=0):
    """Random class probabilities, the first member's mostly right, and the classes."""
    random = np.random.default_rng(seed)
    target = random.integers(CLASSES, size=samples)
    skill = np.linspace(2, 0, members)
    shares = [
        special.softmax(random.normal(size=(samples, CLASSES)) + each * np.eye(CLASSES)[target], axis=1) for each in skill
    ]
    return shares, target


def cross_entropy(shares, target):
    return -np.mean(np.log(shares[np.arange(len(target)), target]))


@pytest.mark.parametrize("name", FITS)
def test_a_fit_gives_options_that_its_layout_takes(name):
    found = FITS[name]
    shares, target = opinions()
    LAYOUTS[found.layout].options.model_validate(found.function("multiclass", shares, target))
    assert found.reference and found.title


def test_convex_search_finds_what_a_fine_grid_finds():
    shares, target = opinions()
    weights = np.array(FITS["convex-search"].function("multiclass", shares, target)["weights"])
    weights = weights / weights.sum()
    steps = np.linspace(0, 1, 101)
    grid = [(a, b, 1 - a - b) for a, b in itertools.product(steps, steps) if a + b <= 1]
    best = min(cross_entropy(np.tensordot(point, shares, axes=1), target) for point in grid)
    assert cross_entropy(np.tensordot(weights, shares, axes=1), target) <= best + 1e-6


def test_greedy_selection_is_the_best_prefix_of_its_own_walk():
    shares, target = opinions(seed=3)
    counts = np.array(FITS["greedy-selection"].function("multiclass", shares, target)["weights"])
    chosen, losses = [], []
    for _ in range(50):
        trials = [cross_entropy(np.mean([shares[each] for each in [*chosen, member]], axis=0), target) for member in range(3)]
        chosen.append(int(np.argmin(trials)))
        losses.append(min(trials))
    prefix = chosen[: int(np.argmin(losses)) + 1]
    assert counts.tolist() == [prefix.count(member) for member in range(3)]


def test_log_odds_by_hand():
    target = np.zeros(10, dtype=int)
    right, wrong = np.eye(CLASSES)[np.zeros(10, dtype=int)], np.eye(CLASSES)[np.ones(10, dtype=int)]
    mostly = np.concatenate([right[:8], wrong[:2]])
    weights = FITS["log-odds"].function("multiclass", [right, mostly, wrong], target)["weights"]
    by_hand = [np.log(10.5 / 0.5) + np.log(3), np.log(8.5 / 2.5) + np.log(3), 0.0]
    np.testing.assert_allclose(weights, by_hand, atol=1e-6)


def test_a_temperature_mends_what_is_too_sure():
    random = np.random.default_rng(0)
    logits = random.normal(size=(2000, CLASSES)) * 2
    target = np.array([random.choice(CLASSES, p=shares) for shares in special.softmax(logits, axis=1)])
    found = FITS["temperature"].function("multiclass", [special.softmax(3 * logits, axis=1)], target)["temperature"]
    assert found == pytest.approx(3, rel=0.1)


@pytest.mark.parametrize("table", ["iris"], indirect=True)
def test_members_that_cannot_predict_the_target_cost_nothing_else(table):
    recipe, facts, models, *rest = table
    tensor = keras.Input((4,))
    models = {**models, "poor": keras.Model(tensor, [keras.layers.Dense(3)(tensor), keras.layers.Dense(2)(tensor)])}
    facts = {**facts, "poor": facts_of(recipe.members[2], models["poor"])}
    entries = leaderboard(recipe, facts, models, *rest)
    assert {entry.title for entry in entries} == {"good", "fair"}
