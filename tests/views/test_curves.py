from __future__ import annotations

import csv
import json
import math

import numpy as np
import pytest

from components.training.events import Point
from components.training.history import history_csv
from components.views.curves import Baseline, curve_figure, span, spread, thinned
from components.views.rate_curve import rate_figure
from components.views.theme import MEMBER_COLOURS


def point(step: int, loss: float, split: str = "training", metric: float = 0.5) -> Point:
    return Point(step=step, epoch=step / 10, split=split, loss=loss, metric=metric)


def test_thinning_keeps_ends_extremes_and_order():
    losses = np.random.default_rng(0).normal(size=5000)
    losses[1234], losses[4321] = 50.0, -50.0
    kept = [each.step for each in thinned([point(step, loss) for step, loss in enumerate(losses)], buckets=40)]
    assert kept == sorted(set(kept))
    assert len(kept) <= 80
    assert {0, 4999, int(losses.argmax()), int(losses.argmin())} <= set(kept)


def test_few_points_are_all_kept():
    points = [point(step, 1.0) for step in range(80)]
    assert thinned(points, buckets=40) == points


def test_a_gap_in_a_long_line_stays_a_gap():
    points = [point(step, math.nan if step == 777 else 1.0) for step in range(1000)]
    figure = curve_figure(points, "loss", "Loss", epochs=100)
    training = figure["data"][0]
    assert training["y"][training["x"].index(77.7)] is None


def test_each_point_is_drawn_where_it_was_measured():
    points = [point(5, 0.123456), point(10, 0.1), point(10, 0.2, "validation", 0.75)]
    loss, metric = (curve_figure(points, field, "A", epochs=4) for field in ("loss", "metric"))
    assert [(line["name"], line["x"], line["y"]) for line in loss["data"]] == [
        ("training", [0.5, 1.0], [0.1235, 0.1]),
        ("validation", [1.0], [0.2]),
    ]
    assert metric["data"][1]["y"] == [0.75]
    assert metric["data"][1]["mode"] == "markers", "one point is no line"
    assert loss["data"][0]["line"]["width"] < loss["data"][1]["line"]["width"]
    assert loss["layout"]["xaxis"]["range"] == [0, 4]
    assert "training 0.1; validation 0.2" in loss["alt"]


BASELINES = (
    Baseline(name="average", index=None, loss=0.35, metric=0.973),
    Baseline(name="mlp", index=0, loss=None, metric=0.971),
    Baseline(name="cnn", index=1, loss=40.0, metric=0.944),
)


def test_a_baseline_is_a_dashed_line_in_its_members_colour_named_at_its_end():
    figure = curve_figure(
        [point(1, 0.5, metric=0.9), point(2, 0.4, metric=1.0)], "metric", "Accuracy", epochs=9, baselines=BASELINES
    )
    lines = {line["name"]: line for line in figure["data"]}
    assert lines["mlp"]["x"] == [0, 9] and lines["mlp"]["y"] == [0.971, 0.971]
    assert lines["mlp"]["line"]["color"] == MEMBER_COLOURS[0] and lines["cnn"]["line"]["color"] == MEMBER_COLOURS[1]
    assert len({lines[name]["line"]["dash"] for name in ("average", "mlp", "cnn")}) == 3
    heights = [each["yshift"] for each in figure["layout"]["annotations"]]
    assert [each["text"].split("> ")[1] for each in figure["layout"]["annotations"]] == ["average", "mlp", "cnn"]
    assert heights == sorted(heights, reverse=True) and min(-np.diff(heights)) >= 16


def test_a_baseline_far_off_does_not_flatten_the_curve():
    figure = curve_figure([point(1, 0.5), point(2, 0.4)], "loss", "Loss", epochs=9, baselines=BASELINES)
    low, high = figure["layout"]["yaxis"]["range"]
    assert low <= 0.35 and 0.5 <= high < 1
    assert [line["name"] for line in figure["data"]] == ["average", "training", "validation"]
    assert figure["layout"]["annotations"][-1]["text"].endswith("cnn ↑")


@pytest.mark.parametrize(
    ("values", "baselines", "inside"),
    [([], [], (0, 1)), ([1.0], [], (1, 1)), ([math.nan, 2.0], [2.2], (2, 2)), ([0.0], [0.0], (0, 0))],
)
def test_an_axis_always_has_a_length(values, baselines, inside):
    low, high = span(values, baselines)
    assert low < high and low <= inside[0] and high >= inside[1]


def test_names_are_moved_apart_below_the_top():
    assert spread([100, 98, 10], gap=16, top=100) == [100, 84, 10]


def test_a_hostile_name_is_escaped_in_the_figure():
    hostile = Baseline(name="<img src=x onerror=alert(1)>", index=0, loss=0.4, metric=0.9)
    figure = curve_figure([point(1, 0.5)], "loss", "Loss", epochs=2, baselines=[hostile])
    assert "<img" not in str(figure["data"]) + str(figure["layout"])


def test_where_the_loss_is_no_number_the_figure_says_so():
    figure = curve_figure([point(1, 0.5), point(7, math.nan)], "loss", "Loss", epochs=2)
    [line] = figure["layout"]["shapes"]
    assert (line["x0"], line["x1"]) == (0.7, 0.7)
    assert "not a number at step 7" in figure["layout"]["annotations"][0]["text"]
    assert "shapes" not in curve_figure([point(1, 0.5)], "loss", "Loss", epochs=2)["layout"]


def test_the_learning_rate_is_drawn_where_it_changes():
    def rates(values):
        points = [point(step, 1.0).model_copy(update={"learning_rate": rate}) for step, rate in enumerate(values)]
        return rate_figure([point(0, 1.0, "validation"), *points], epochs=2)

    assert rates([0.001] * 500) is None and rate_figure([], epochs=2) is None
    figure = rates(np.geomspace(1, 1e-3, 500))
    drawn = figure["data"][0]["y"]
    assert len(drawn) <= 80 and (drawn[0], drawn[-1]) == (1.0, 0.001) and "0.001" in figure["alt"]


def test_a_tick_of_a_long_run_stays_small():
    points = [
        point(step, 1 / 3 + step / 7, split).model_copy(update={"learning_rate": 1 / (step + 1)})
        for step in range(20_000)
        for split in ("training", "validation")
    ]
    figures = [curve_figure(points, "loss", "Loss", epochs=2000), rate_figure(points, epochs=2000)]
    assert len(json.dumps(figures)) < 8000


def test_the_csv_holds_every_digit():
    points = [point(1, 1 / 3), point(2, math.nan, "validation", 2 / 3)]
    first, second = csv.DictReader(history_csv(points, "mean_absolute_error").splitlines())
    assert list(first) == ["step", "epoch", "split", "loss", "mean_absolute_error", "learning_rate"]
    assert float(first["loss"]) == 1 / 3 and first["step"] == "1" and first["split"] == "training"
    assert math.isnan(float(second["loss"])) and float(second["mean_absolute_error"]) == 2 / 3
