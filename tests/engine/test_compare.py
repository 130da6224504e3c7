"""A comparison from the queue to its report, by way of the supervisor; and from the command line."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import psutil
import pytest

from components.cli import main
from components.engine.client import Engine
from components.recipe import Member, Recipe, Training
from components.store import Store
from components.training.comparison.report import Comparison, ComparisonReport
from tests.engine.conftest import MEMBERS
from tests.engine.forked import tributary
from tests.engine.waiting import ended, until

LAYOUTS = ("average", "concatenate", "trimmed-mean")


def frozen(recipe: Recipe, **training: object) -> Recipe:
    members = tuple(Member(**{**dict(member), "frozen": True}) for member in recipe.members)
    return recipe.model_copy(update={"members": members, "training": Training(**training)})


def test_a_comparison_leaves_curves_a_report_and_recipes(engine: Engine, shared_store: Store, recipe: Recipe) -> None:
    run = shared_store.create_run(frozen(recipe, epochs=2), Comparison(layouts=LAYOUTS, seeds=2))
    engine.submit(run.id)
    run = ended(shared_store, run.id)
    assert (run.state, run.message, run.detail) == ("done", "", "")
    report = shared_store.comparison_report(run.id)
    assert report is not None
    rows = {row.name: row for row in report.contenders}
    assert {*rows} == {*LAYOUTS, "mlp", "cnn", "plain average"}
    assert rows["concatenate"].verdict == "healthy" and len(rows["concatenate"].scores) == 2
    assert rows["concatenate"].score > 0.8 and {each.member for each in rows["concatenate"].reliance} == {"mlp", "cnn"}
    assert rows["trimmed-mean"].score is None and "3 to 16 members" in rows["trimmed-mean"].note
    told = [
        (point.seed, point.epoch) for point in shared_store.compared_curves(run.id).points if point.contender == "concatenate"
    ]
    assert told == [(seed, epoch) for seed in (0, 1) for epoch in (0, 1, 2)]
    folder = shared_store.run_folder(run.id)
    assert run.result is not None and run.result.steps == 4, "two trainings of two layouts"
    assert ComparisonReport.model_validate_json((folder / "report.json").read_text()) == report
    with (folder / "leaderboard.csv").open(newline="", encoding="utf-8") as file:
        assert [line["name"] for line in csv.DictReader(file)] == [row.name for row in report.contenders]
    opened = Recipe.model_validate_json((folder / "concatenate.recipe.json").read_text())
    assert opened.layout == "concatenate" and opened.members == run.recipe.members


@pytest.mark.nightly
@pytest.mark.parametrize("how", ["pause", "kill"])
def test_a_comparison_that_was_paused_or_killed_goes_on(engine: Engine, shared_store: Store, recipe: Recipe, how: str) -> None:
    # Members that learn train one layout after the other: the first has ended when the second is under way.
    asked = recipe.model_copy(update={"training": Training(epochs=6, batch_size=32)})
    run = shared_store.create_run(asked, Comparison(layouts=("average", "concatenate")))

    def told() -> list[tuple[str, float]]:
        return [(point.contender, point.epoch) for point in shared_store.compared_curves(run.id).points]

    engine.submit(run.id)
    until(lambda: ("concatenate", 1) in told(), 180)
    if how == "pause":
        engine.stop(run.id, "pause")
    else:
        [job] = [each for each in psutil.process_iter(["cmdline"]) if run.id in (each.info["cmdline"] or [])]
        job.kill()
    stopped = ended(shared_store, run.id)
    assert stopped.state == ("paused" if how == "pause" else "failed")
    before, kept = told(), shared_store.comparison_report(run.id)
    assert kept is not None and {row.name for row in kept.contenders} == {"average", "mlp", "cnn", "plain average"}
    assert before.count(("concatenate", 6)) == 0
    engine.resume(run.id)
    run = ended(shared_store, run.id, 180)
    assert (run.state, run.message) == ("done", "")
    assert told() == [(name, epoch) for name in ("average", "concatenate") for epoch in range(7)], "nothing is told twice"
    report = shared_store.comparison_report(run.id)
    assert report is not None
    rows, earlier = ({row.name: row for row in each.contenders} for each in (report, kept))
    assert rows["average"].scores == earlier["average"].scores and rows["average"].seconds == earlier["average"].seconds
    assert rows["concatenate"].score is not None


def test_the_command_line_compares(recipe: Recipe, files: Path, tmp_path: Path) -> None:
    for name in MEMBERS.values():
        shutil.copy(files / name, tmp_path)
    place = tmp_path / "recipe.json"
    place.write_text(frozen(recipe, epochs=1).model_dump_json())
    done = tributary(tmp_path, "compare", place, "--layouts", "average, concatenate", "--out", tmp_path / "out", "--json")
    assert done.returncode == 0, done.stderr
    report = ComparisonReport.model_validate(json.loads(done.stdout))
    assert {row.name for row in report.contenders if row.kind == "layout"} == {"average", "concatenate"}
    assert {path.name for path in (tmp_path / "out").iterdir()} >= {"report.json", "curves.csv", "average.recipe.json"}
    assert len(list((tmp_path / "out" / "trainings").iterdir())) == 2, "what another call goes on with"


def test_a_layout_that_is_none_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", str(tmp_path / "r.json"), "--layouts", "averge", "--out", str(tmp_path)]) == 1
    assert "No layout is called “averge”" in capsys.readouterr().err
