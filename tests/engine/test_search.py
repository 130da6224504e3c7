"""Searching settings: every combination once, the same after a stop, losers given up, and a best that a plain run confirms."""

from __future__ import annotations

import csv
import itertools
import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from pydantic import ValidationError

from components.commands.search import read_over
from components.data.binding import propose
from components.data.bound import bind
from components.data.examples import example_facts
from components.engine.search import run_search
from components.fusion.plan import plan, plannable
from components.models.facts import MemberFacts
from components.models.intake import open_member, sha256
from components.recipe import Member, Recipe, Refusal, Training
from components.recipe.search import Over, Search
from components.store import Store
from components.store.files import Files
from components.training.events import Point, Result
from components.training.search.space import combinations, variant
from components.training.search.study import Study
from components.training.search.trials import Trials

MEMBERS = ("digits-mlp-keras2.15.0.h5", "digits-cnn-logits-keras3.3.3.keras")
RATE = Over(name="learning_rate", low=1e-4, high=1e-1)


Known = tuple[Recipe, dict[str, MemberFacts], Files]


class Follower:
    """Follows a search, and stops it after some trials."""

    def __init__(self, stop_after: int = 1000, finish: bool = False) -> None:
        self.points: list[Point] = []
        self.before: list[Point] = []
        self._stop_after, self._finish = stop_after, finish

    def started(self) -> None:
        """Nothing to do."""

    def taken_up(self, points: list[Point]) -> None:
        self.before = points

    def point(self, point: Point) -> None:
        self.points.append(point)

    def stop(self) -> bool:
        return len(self.points) >= self._stop_after

    def finish(self) -> bool:
        return self._finish


@pytest.fixture(scope="module")
def known(files: Path, tmp_path_factory: pytest.TempPathFactory) -> Known:
    """A recipe of two frozen members on a few digits."""
    home = Files(tmp_path_factory.mktemp("home"))
    facts, members = {}, []
    for name, file in zip(("mlp", "cnn"), MEMBERS, strict=True):
        path = files / file
        facts[name] = open_member(path, file, home.canonical(sha256(path)))
        members.append(Member(name=name, sha256=sha256(path), file_name=file, frozen=True))
    data = propose(example_facts("digits"), list(facts.values()))
    graph = plan("concatenate", {}, [(member, facts[member.name]) for member in members], data, bind(data, None)).graph
    training = Training(epochs=2, batch_size=256)
    return Recipe(members=tuple(members), data=data, layout="concatenate", graph=graph, training=training), facts, home


Go = Callable[..., tuple[Result | None, Trials, Follower]]


@pytest.fixture
def go(known: Known, tmp_path: Path) -> Go:
    """Runs a search in this process; gives its result, its trials and who followed it."""

    def go(search: Search, follower: Follower | None = None, folder: Path = tmp_path, **training: object):
        recipe, facts, home = known
        settings = Training(**{**dict(recipe.training), **training})
        asked = recipe.model_copy(update={"search": search, "training": settings})
        followed = follower or Follower()
        result = run_search(asked, facts, home, folder, followed)
        return result, Trials.model_validate_json((folder / "trials.json").read_bytes()), followed

    return go


def test_a_grid_is_the_product_and_goes_on_where_it_stopped(go: Go, tmp_path: Path) -> None:
    axes = {"learning_rate": (0.001, 0.05), "layout": ("concatenate", "stacking")}
    search = Search(method="grid", over=tuple(Over(name=name, values=values) for name, values in axes.items()))
    product = [dict(zip(axes, each, strict=True)) for each in itertools.product(*axes.values())]
    assert search.count == 4 and combinations(search) == product

    result, trials, follower = go(search, Follower(stop_after=1), epochs=1)
    assert result is None and [trial.values for trial in trials.trials] == product[:1]
    result, trials, second = go(search, epochs=1)
    assert [trial.values for trial in trials.trials] == product and {trial.state for trial in trials.trials} == {"done"}
    assert second.before == follower.points and len(second.points) == 3
    assert result is not None and result.best_epoch == min(trials.trials, key=lambda trial: trial.loss or 9).number
    assert sum(trials.importances.values()) == pytest.approx(1) and set(trials.importances) == set(axes)
    with (tmp_path / "trials.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["layout"] for row in rows] == [each["layout"] for each in product]
    assert [float(row["validation_loss"]) for row in rows] == [trial.loss for trial in trials.trials]


def test_what_is_drawn_follows_from_the_seed_also_after_a_stop(tmp_path: Path) -> None:
    search = Search(method="random", trials=3, over=(RATE, Over(name="layout", values=("average", "concatenate"))))

    def drawn(name: str, seed: int, starts: tuple[int, ...]) -> list[Mapping[str, object]]:
        found: list[Mapping[str, object]] = []
        for count in starts:
            study = Study(search, seed, f"sqlite:///{tmp_path / name}.db", "accuracy")
            for _ in range(count):
                trial = study.next()
                trial.report(Point(step=0, epoch=1, split="validation", loss=1, metric=0))
                found.append(trial.values)
                trial.end()
            study.next()
        return found

    whole = drawn("a", 0, (3,))
    assert whole == drawn("b", 0, (1, 2)) != drawn("c", 1, (3,))
    assert all(1e-4 <= each["learning_rate"] <= 1e-1 for each in whole)  # type: ignore[operator]
    assert len({each["learning_rate"] for each in whole}) == 3


def test_halving_gives_the_worst_up_early(tmp_path: Path) -> None:
    search = Search(method="halving", trials=9, over=(RATE,))
    study = Study(search, 0, f"sqlite:///{tmp_path / 'study.db'}", "accuracy")
    losses = [0.5, 0.1, 0.9, 0.8, 0.7, 0.05, 0.6, 0.95, 0.02]
    for loss in losses:
        trial = study.next()
        for epoch in range(10):
            trial.report(Point(step=epoch, epoch=epoch, split="validation", loss=loss + 1 / (epoch + 1), metric=0))
            if trial.given_up:
                break
        trial.end()
    trials = study.trials().trials
    given_up = {loss for loss, trial in zip(losses, trials, strict=True) if trial.state == "given up"}
    # Of those that reach epoch 1, a trial goes on when it is among the best third so far.
    assert given_up == {0.9, 0.8, 0.7, 0.6, 0.95}
    assert all(trial.epochs == 1 for trial in trials if trial.state == "given up")
    assert study.trials().best is not None and study.trials().best.number == 9  # type: ignore[union-attr]
    assert study.trials().importances == {}, "one setting alone has no other to matter more than"


def test_the_best_is_a_recipe_that_a_plain_run_confirms(go: Go, known: Known, tmp_path: Path) -> None:
    from components.engine.job import Reporter, Stop
    from components.engine.run import run_recipe

    search = Search(trials=3, over=(RATE, Over(name="layout", values=("concatenate", "stacking"))))
    result, trials, _ = go(search, Follower(stop_after=2, finish=True))
    best = trials.best
    assert result is not None and result.epochs == 2 and best is not None
    recipe = Recipe.model_validate_json((tmp_path / "best.json").read_bytes())
    assert recipe.search is None and recipe.layout == best.values["layout"]
    assert recipe.training.learning_rate == best.values["learning_rate"]
    (tmp_path / "plain").mkdir()
    plain = run_recipe(recipe, known[1], known[2], tmp_path / "plain", Reporter(2, lambda message: None, Stop()))
    assert plain is not None
    with (tmp_path / "plain" / "history.csv").open() as file:
        losses = [float(row["loss"]) for row in csv.DictReader(file) if row["split"] == "validation"]
    assert min(losses) == best.loss and plain.best_epoch == losses.index(min(losses))
    [score] = [score for score in plain.scores if score.kind == "fused" and score.split == "validation"]
    assert score.metric == pytest.approx(best.metric)


def test_a_layout_that_does_not_fit_is_a_trial_that_failed(go: Go, known: Known) -> None:
    recipe, facts, _ = known
    assert recipe.data is not None
    members = [(member, facts[member.name]) for member in recipe.members]
    fits = plannable(members, recipe.data, bind(recipe.data, None))
    layout, refusal = next((name, fit.refusal) for name, fit in fits.items() if fit.refusal)
    result, trials, _ = go(Search(method="grid", over=(Over(name="layout", values=(layout,)),)))
    [trial] = trials.trials
    assert trial.state == "failed" and trial.loss is None and trial.note == refusal
    assert result is not None and result.notes


def test_a_head_width_is_searched_where_a_layout_has_a_head(known: Known) -> None:
    recipe, facts, _ = known

    def hidden(layout: str) -> list[object]:
        assert recipe.data is not None
        tried = variant(recipe, {"layout": layout, "head_width": 16}, facts, bind(recipe.data, None))
        assert tried.graph is not None
        return [node.options["hidden"] for node in tried.graph.nodes if getattr(node, "operator", "") == "head"]

    assert hidden("concatenate") == hidden("add") == [16] and hidden("average") == []
    assert combinations(Search(method="grid", over=(Over(name="head_width", low=8, high=32),)))[1] == {"head_width": 16}


@pytest.mark.parametrize(
    ("over", "sentence"),
    [
        (Over(name="layout", values=("no-such",)), "No layout is called"),
        (Over(name="speed", values=(1, 2)), "No setting is called"),
        (Over(name="learning_rate", values=(100.0,)), "cannot have"),
        (Over(name="epochs", values=("many",)), "cannot have"),
    ],
)
def test_what_is_no_setting_is_refused(go: Go, over: Over, sentence: str) -> None:
    with pytest.raises(Refusal, match=sentence):
        go(Search(over=(over,)))


@pytest.mark.parametrize(
    "search",
    [
        {"over": []},
        {"over": [{"name": "learning_rate"}]},
        {"over": [{"name": "learning_rate", "low": 1, "high": 0.1}]},
        {"over": [{"name": "learning_rate", "low": 1}]},
        {"over": [{"name": "learning_rate", "values": [1, 1]}]},
        {"over": [{"name": "epochs", "values": [1]}, {"name": "epochs", "values": [2]}]},
        {"over": [{"name": "a b", "values": [1]}]},
        {"method": "grid", "over": [{"name": name, "values": list(range(40))} for name in ("epochs", "batch_size")]},
    ],
)
def test_a_search_that_cannot_be_is_refused(search: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Search.model_validate_json(json.dumps(search))


def test_searches_are_kept_apart_from_runs(store: Store, known: Known) -> None:
    recipe = known[0].model_copy(update={"name": '"search":{"method"'})
    plain = store.create_run(recipe)
    found = store.create_run(recipe.model_copy(update={"search": Search(over=(RATE,))}))
    assert [run.id for run in store.searches()] == [found.id]
    assert [run.id for run in store.runs()] == [run.id for run in store.find_runs()] == [plain.id]
    assert store.queue() == (plain.id, found.id)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("learning_rate=1e-4:0.1", [RATE]),
        ("layout=average|stacking", [Over(name="layout", values=("average", "stacking"))]),
        (
            "epochs=1|2, balance_classes=true|false",
            [Over(name="epochs", values=(1, 2)), Over(name="balance_classes", values=(True, False))],
        ),
    ],
)
def test_what_is_searched_is_read_from_the_command_line(text: str, found: list[Over]) -> None:
    assert list(read_over(text)) == found


@pytest.mark.parametrize("text", ["", "layout", "learning_rate=1:", "learning_rate=2:1", "learning_rate=a:b", "=1|2"])
def test_what_is_written_otherwise_is_told(text: str) -> None:
    with pytest.raises(Refusal, match="--over takes"):
        read_over(text)
