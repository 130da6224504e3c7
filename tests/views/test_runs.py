"""Runs in tables: a row each, and what tells several apart."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

from components.recipe import Data, Input, Member, Recipe, Target, Training
from components.store import Run
from components.training.environment import Environment
from components.training.events import Point, Result, Score
from components.views.run_differences import differences, validation_figure
from components.views.run_facts import about, row

START = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
DATA = Data(
    sha256="example:diabetes",
    file_name="Diabetes\u202e.csv",
    inputs=(Input(name="table", columns=("age",), shape=(1,)),),
    target=Target(name="progression", task="regression"),
)


def run(name: str, **recipe: object) -> Run:
    members = tuple(Member(name=each, sha256=each * 64, file_name=f"{each}.keras") for each in "ab")
    scores = (
        Score(name="fused", kind="fused", split="test", loss=1.0, metric=40.0),
        Score(name="fused", kind="fused", split="validation", loss=1.0, metric=1.0),
        Score(name="a", kind="member", split="test", loss=1.0, metric=44.5),
        Score(name="b", kind="member", split="test", loss=1.0, metric=42.5),
        Score(name="average", kind="average", split="test", loss=1.0, metric=None),
    )
    return Run(
        id=name * 16,
        name=f"run <b>{name}</b>",
        recipe=Recipe(**{"members": members, "data": DATA, "layout": "average", **recipe}),
        state="done",
        created=START,
        started=START + timedelta(seconds=5),
        ended=START + timedelta(seconds=17.5),
        epoch=3.0,
        steps=1200,
        result=Result(metric="mean_absolute_error", scores=scores, steps=1200, epochs=3, best_epoch=2, seconds=9.0),
        environment=Environment(tributary="0.1", python="3.11", tensorflow="2.21", keras="3.15", system="Linux", device="X"),
        note="first\nline",
    )


def test_a_row_holds_what_was_reached_and_the_best_error_is_the_smallest() -> None:
    assert row(run("a")) == {
        "Run": "run <b>a</b>",
        "Started": START + timedelta(seconds=5),
        "Layout": "Average",
        "Members": "a + b",
        "Data": "Diabetes .csv",
        "State": "done",
        "Metric": "mean absolute error",
        "Fused": 40.0,
        "Best member": 42.5,
        "Plain average": None,
        "Seconds": 12.5,
        "Note": "first line",
    }


def test_what_is_known_of_a_run() -> None:
    known = about(run("a"))
    assert known["Duration"] == "12.5 s, 1,200 steps, 3 of 20 epochs"
    assert known["Versions"] == "Tributary 0.1, Python 3.11, TensorFlow 2.21, Keras 3.15"
    assert known["Address"] == "/train?run=" + "a" * 16 and known["Note"] == "first\nline"


def test_only_what_differs_is_listed_and_runs_of_one_name_stay_apart() -> None:
    first, second = run("a"), run("b", training=Training(learning_rate=0.5), seed=3)
    second = second.model_copy(update={"name": first.name})
    table = differences([first, second])
    assert list(table.columns) == [first.name, f"{first.name} (bbbb)"]
    assert {name: tuple(values) for name, *values in table.itertuples()} == {
        "training · learning rate": ("0.001", "0.5"),
        "seed": ("0", "3"),
    }


def test_a_figure_has_a_line_a_run_with_gaps_where_a_loss_is_no_number() -> None:
    points = [Point(step=e, epoch=e, split="validation", loss=loss, metric=0) for e, loss in enumerate([2.0, math.nan, 1.0])]
    figure = validation_figure([("<i>", points), ("two", [])])
    assert [line["y"] for line in figure["data"]] == [[2.0, None, 1.0], []]
    assert figure["data"][0]["name"] == "&lt;i&gt;" and "<i> ends at 1" in figure["alt"]
