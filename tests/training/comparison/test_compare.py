"""A comparison from recipes to its rows, against plain training, NumPy and scikit-learn."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, log_loss

from components.data.bound import bind
from components.fusion.build import build
from components.fusion.plan import plan
from components.recipe import Member, Recipe, Training
from components.training.alone import facts_of
from components.training.comparison.compare import compare
from components.training.comparison.contest import Contest
from components.training.comparison.outcomes import Outcomes
from components.training.run import train
from tests.training.test_evaluate import bound_example, dense

LAYOUTS = ("average", "concatenate", "residual-series")


class Follower:
    """Follows a comparison, and stops it once a layout has reached an epoch of a training."""

    def __init__(self, stop_at=None):
        self.before, self.points, self.reports, self.progress = [], [], [], []
        self._stop_at = stop_at

    def taken_up(self, points, progress):
        self.before = points
        self.progress.append(progress)

    def compared(self, point, progress):
        self.points.append(point)
        self.progress.append(progress)

    def reached(self, report):
        self.reports.append(report)

    def stop(self):
        return self._stop_at in [(point.contender, point.seed, point.epoch) for point in self.points]


@pytest.fixture(scope="module")
def contest():
    """Layouts over two frozen members of the digits, to be trained with two seeds."""
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
    return Contest(recipes, models, samples, splits, 2, {"concatenate": "healthy"}, {"joint": "It does not fit."})


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where the trainings of `compared` are kept."""
    return tmp_path_factory.mktemp("trainings")


@pytest.fixture(scope="module")
def compared(contest, folder):
    """What came of the contest, which was stopped within the second training and went on; and who followed both parts."""
    stopped, follower = Follower(stop_at=("concatenate", 1, 1)), Follower()
    assert compare(contest, Outcomes(folder), stopped) is None
    return *compare(contest, Outcomes(folder), follower), stopped, follower


def shares(said):
    return said.astype(float) / said.astype(float).sum(axis=1, keepdims=True)


def row(report, name):
    [found] = [each for each in report.contenders if each.name == name]
    return found


def test_rows_are_layouts_members_and_the_average_the_best_first(contest, compared):
    report, *_ = compared
    judged = [each for each in report.contenders if each.name != "joint"]
    assert {each.name for each in judged} == {*LAYOUTS, "a", "b", "plain average"}
    scores = [each.score for each in judged]
    assert scores == sorted(scores, reverse=True) and report.samples == len(contest.splits.test)
    for each in judged:
        assert each.low < each.score < each.high
    assert row(report, "concatenate").verdict == "healthy"
    assert report.contenders[-1].note == "It does not fit." and report.contenders[-1].score is None


def test_a_layout_has_the_scores_of_plain_training(contest, compared):
    report, curves, *_ = compared
    samples, splits = contest.samples, contest.splits
    x, wanted = samples.inputs[contest.first.data.inputs[0].name][splits.test], samples.target[splits.test]
    said = []
    for seed in (0, 1):
        recipe = contest.seeded(("concatenate", seed))
        model = build(recipe, contest.models)
        train(recipe, model, samples, splits, lambda point: None, lambda: False)
        said.append(model.predict(x, verbose=0))
    found = row(report, "concatenate")
    scores = [accuracy_score(wanted, each.argmax(axis=1)) for each in said]
    assert found.scores == pytest.approx(scores, abs=0.004)
    assert found.deviation == pytest.approx(np.std(found.scores, ddof=1))
    assert found.loss == pytest.approx(np.mean([log_loss(wanted, shares(each)) for each in said]), abs=1e-3)
    assert found.parameters == model.count_params() and found.latency > 0 and found.operations > 2 * 64 * 32 * 2
    curve = [(point.seed, point.epoch) for point in curves if point.contender == "concatenate"]
    assert curve == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]


def test_the_leaderboard_begins_with_the_members_and_grows_as_trainings_end(compared):
    report, _, stopped, _ = compared
    first, second = stopped.reports
    assert {each.name for each in first.contenders if each.score is not None} == {"a", "b", "plain average"}
    assert first.oracle == report.oracle and first.pairs == report.pairs
    assert {len(row(second, name).scores) for name in LAYOUTS} == {1} and row(second, "average").reliance
    assert stopped.before == [] and stopped.progress[0] == 0 and stopped.progress == sorted(stopped.progress)


def test_a_comparison_that_was_stopped_goes_on_with_what_is_missing(contest, compared):
    report, _, stopped, follower = compared
    assert {point.seed for point in follower.before} == {0} and {point.seed for point in follower.points} == {1}
    assert follower.before == sorted((point for point in stopped.points if point.seed == 0), key=lambda point: point.contender)
    assert follower.progress[0] == 0.5 and follower.progress[-1] == 1
    earlier, last = row(stopped.reports[-1], "concatenate"), row(report, "concatenate")
    assert follower.reports[-1].contenders == report.contenders
    assert last.scores[:1] == earlier.scores and len(last.scores) == 2 and last.reliance == earlier.reliance


def test_another_layout_or_seed_is_trained_beside_what_is_there_and_other_settings_anew(contest, compared, folder):
    known = Outcomes(folder)
    assert all(known.find(contest.seeded(turn)) for turn in contest.turns)
    more = replace(contest, seeds=3)
    assert [turn for turn in more.turns if known.find(more.seeded(turn)) is None] == [(name, 2) for name in LAYOUTS]
    renamed = contest.first.model_copy(update={"name": "another"})
    longer = contest.first.model_copy(update={"training": Training(epochs=3, batch_size=64, learning_rate=0.01)})
    assert known.find(renamed) is not None and known.find(longer) is None


def test_a_training_that_cannot_be_read_is_made_again(contest, compared, folder):
    outcome = Outcomes(folder).find(contest.first)
    for file in (spoilt := sorted(folder.iterdir())):
        file.write_bytes(file.read_bytes()[:100])
    assert spoilt and Outcomes(folder).find(contest.first) is None
    Outcomes(folder).keep(contest.first, outcome)
    assert Outcomes(folder).find(contest.first).told == outcome.told


def test_what_needs_no_training_is_the_same_with_every_seed(compared):
    report, *_ = compared
    assert len(set(row(report, "average").scores)) == 1
    assert row(report, "average").score == pytest.approx(row(report, "plain average").score)
    assert "Nothing in this model can be trained" in row(report, "average").note


def test_shapley_values_of_the_average_are_those_of_its_members_with_the_other_at_its_mean(contest, compared):
    (report, *_), models, samples, splits = compared, contest.models, contest.samples, contest.splits
    name = contest.first.data.inputs[0].name
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


def test_diversity_is_that_of_the_members_mistakes(contest, compared):
    (report, *_), models, samples, splits = compared, contest.models, contest.samples, contest.splits
    shown = samples.inputs[contest.first.data.inputs[0].name][splits.test]
    right = [models[each].predict(shown, verbose=0).argmax(axis=1) == samples.target[splits.test] for each in "ab"]
    [pair] = report.pairs
    assert pair.disagreement == pytest.approx(np.mean(right[0] != right[1]))
    assert report.oracle == pytest.approx(np.mean(right[0] | right[1]))


def test_members_that_are_not_frozen_train_one_layout_after_the_other(contest, tmp_path):
    members = tuple(member.model_copy(update={"frozen": False}) for member in contest.first.members)
    recipes = {name: contest.recipes[name].model_copy(update={"members": members}) for name in ("average", "concatenate")}
    before = [weight.copy() for model in contest.models.values() for weight in model.get_weights()]
    loose, follower = replace(contest, recipes=recipes, seeds=1), Follower(stop_at=("concatenate", 0, 1))
    assert compare(loose, Outcomes(tmp_path), follower) is None
    assert follower.reports[-1].contenders and len(row(follower.reports[-1], "average").scores) == 1
    report, _ = compare(loose, Outcomes(tmp_path), follower := Follower())
    assert {point.contender for point in follower.points} == {"concatenate"}
    assert row(report, "average").score > row(report, "plain average").score
    after = [weight for model in contest.models.values() for weight in model.get_weights()]
    assert all(np.array_equal(one, other) for one, other in zip(before, after, strict=True))
