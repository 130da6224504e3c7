from __future__ import annotations

import math

import pytest

from components.gradients.measures import MEASURES
from components.gradients.report import GradientReport, LayerGradient
from components.views.figure_view import INK
from components.views.gradient_bars import gradient_figure, gradient_range, legend_html, names_width
from components.views.theme import MEMBER_COLOURS


def layer(name: str, member: str | None, norm: float | None, verdict: str = "healthy") -> LayerGradient:
    return LayerGradient(layer=name, member=member, kind="Dense", variables=2, norm=norm, weight=1.0, verdict=verdict)


def report(*layers: LayerGradient, layout: str = "average") -> GradientReport:
    return GradientReport(layout=layout, title=layout, samples=256, loss=0.5, layers=layers, verdict="healthy")


STRONG = report(layer("a_dense", "a", 0.02), layer("b_dense", "b", 0.5), layer("head", None, 4.0))
WEAK = report(layer("a_dense", "a", 0.0003), layer("b_dense", "b", None, "frozen"), layer("vote", None, None), layout="series")


def test_all_layouts_share_one_axis():
    exponents = gradient_range([STRONG, WEAK])
    assert exponents == (-5, 1), "0.0003 lies above 10⁻⁴, one decade is free below it, and 4 lies below 10¹"
    figures = [gradient_figure(each, {"a": 0, "b": 1}, exponents) for each in (STRONG, WEAK)]
    assert [figure["layout"]["xaxis"]["range"] for figure in figures] == [[-5, 1], [-5, 1]]


def test_bars_of_all_layouts_begin_at_one_place():
    long = report(layer("a_projection_onto_another_member", "a", 0.02), layout="series")
    left = names_width([STRONG, long])
    assert left == names_width([long]) > names_width([STRONG]) == 110
    figures = [gradient_figure(each, {"a": 0, "b": 1}, (-3, 1), left=left) for each in (STRONG, long)]
    assert [figure["layout"]["margin"]["l"] for figure in figures] == [left, left]


@pytest.mark.parametrize("norm", [1.0, 1e-8, 1e8, 123.4])
def test_every_norm_lies_within_the_axis_and_has_a_bar(norm):
    low, high = gradient_range([report(layer("dense", None, norm))])
    assert 10.0**low < norm <= 10.0**high


def test_without_a_norm_there_still_is_an_axis():
    assert gradient_range([report(layer("dense", None, None), layer("nan", None, math.nan), layer("zero", None, 0.0))]) == (
        -3,
        0,
    )


def test_a_bar_ends_at_its_norm():
    figure = gradient_figure(STRONG, {"a": 0, "b": 1}, (-3, 1))
    ends = {
        bars["name"]: [base + length for base, length in zip(bars["base"], bars["x"], strict=True)] for bars in figure["data"]
    }
    assert ends == {"a": [pytest.approx(0.02)], "b": [pytest.approx(0.5)], "fused": [pytest.approx(4.0)]}
    assert all(bars["base"] == [0.001] for bars in figure["data"])
    assert [bars["y"] for bars in figure["data"]] == [[0], [1], [2]], "from input to output"


def test_a_member_has_its_colour_and_what_is_fused_is_ink():
    figure = gradient_figure(STRONG, {"a": 0, "b": 1}, (-3, 1))
    assert [bars["marker"]["color"] for bars in figure["data"]] == [MEMBER_COLOURS[0], MEMBER_COLOURS[1], INK]
    assert len({bars["marker"]["pattern"]["shape"] for bars in figure["data"][:2]}) == 2, "colour never says it alone"


def test_a_layer_without_gradient_says_why_it_has_no_bar():
    figure = gradient_figure(
        report(layer("a", None, None), layer("b", None, None, "frozen"), layer("c", None, math.nan, "not a number")),
        {},
        (-3, 0),
    )
    assert [each["text"] for each in figure["layout"]["annotations"]] == ["none", "frozen", "not a number"]
    assert [each["x"] for each in figure["layout"]["annotations"]] == [-3, -3, -3]
    assert figure["data"][0]["x"] == []
    assert "a none; b frozen; c not a number" in figure["alt"]


def test_the_legend_names_each_member_with_its_colour_and_pattern():
    legend = legend_html({"mlp": 0, "<b>cnn": 1})
    mlp, cnn, fused = legend.split("<li>")[1:]
    assert MEMBER_COLOURS[0] in mlp and "repeating" not in mlp and "mlp</li>" in mlp
    assert MEMBER_COLOURS[1] in cnn and "repeating-linear-gradient(135deg" in cnn and "&lt;b&gt;cnn" in cnn
    assert INK in fused


@pytest.mark.parametrize("name", ["mlp.dense", "mlp_dense", "mlp/dense", "dense"])
def test_a_layer_is_named_without_its_member(name):
    figure = gradient_figure(report(layer(name, "mlp", 1.0)), {"mlp": 0}, (-1, 1))
    assert figure["layout"]["yaxis"]["ticktext"] == ["dense"]


def test_a_hostile_layer_name_is_escaped_and_short():
    figure = gradient_figure(report(layer("<img src=x onerror=alert(1)>" * 3, "<b>", 1.0)), {"<b>": 0}, (-1, 1))
    assert "<img" not in str(figure["layout"]) and "<b>" not in str(figure["data"])
    assert len(figure["layout"]["yaxis"]["ticktext"][0]) < 40


def test_bars_show_the_measure_that_was_chosen():
    one = layer("a", None, 3.0).model_copy(update={"weight": 30.0, "update": 1e-3, "activation": 0.5})
    ends = {}
    for measure in MEASURES:
        exponents = gradient_range([report(one)], measure)
        [bars] = gradient_figure(report(one), {}, exponents, measure)["data"]
        ends[measure] = bars["base"][0] + bars["x"][0]
    assert ends == pytest.approx({"norm": 3.0, "ratio": 0.1, "update": 1e-3, "activation": 0.5})
