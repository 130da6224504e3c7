from __future__ import annotations

import re

import numpy as np
import pytest

from components.fusion.drawing import Picture, PictureEdge, PictureNode
from components.gradients.on_picture import on_picture
from components.gradients.report import EdgeGradient, Fork
from components.gradients.tones import INK, PALE, TONES, contrast, step, tone
from components.recipe import Member, Recipe
from components.views import assets
from components.views.gradient_graph import STILL, WIDTHS, box_words, marks
from components.views.gradient_table import forks_html, heat_html, shares_html
from components.views.gradient_trail import COLUMNS, norm_range, strips_html
from tests.views.invented import HOSTILE, layer, report


def test_every_tone_can_be_read_and_grows_lighter():
    assert contrast("#FFFFFF", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)
    for exponent in (-4.0, -3.1, -2.2, -1.7, -1.3, -0.8, -0.4, 0.1, 0.5, 0.9):
        ground, ink = tone(10**exponent, (-4, 1))
        assert contrast(ground, ink) >= 4.5
    lightness = [contrast(ground, "#000000") for ground in TONES]
    assert lightness == sorted(lightness)


@pytest.mark.parametrize(("value", "place"), [(1e-3, 0), (0.0999, 5), (1.0, 8), (1e-9, 0), (1e9, 8), (0.0, 0)])
def test_a_tone_is_a_step_of_a_logarithmic_scale(value, place):
    assert step(value, (-3, 0)) == place


def test_the_style_sheet_draws_the_same_tones_and_widths():
    css = assets.text("scripts/graph_view.css")
    assert re.findall(r"tone-\d \{ --tone: (#\w+);", css) == list(TONES)
    assert [float(width) for width in re.findall(r"flow-\d path \{ stroke-width: ([\d.]+);", css)] == list(WIDTHS)
    assert f".node.pale text {{\n  fill: {PALE};" in css and f".node.inky text {{\n  fill: {INK};" in css


def test_the_heat_map_has_a_cell_for_each_layer_and_layout():
    html = heat_html(
        [report("average", layer("a.dense", "a", 1.0), layer("b.dense", "b", None)), report("add", layer("head", None, 1e-3))],
        {"a": 0, "b": 1},
    )
    rows = [re.findall(r"<t[hd].*?>(?:<i.*?</i>)?(.*?)</t[hd]>", row) for row in re.findall(r"<tr>(.*?)</tr>", html)]
    assert rows == [
        ["Layer", "Average", "Add"],
        ["a.dense", "1.0e+00", ""],
        ["b.dense", "none", ""],
        ["head", "", "1.0e-03"],
    ]
    grounds = dict(re.findall(r"background: (#\w+); color: #\w+\">(.*?)</td>", html))
    assert grounds == {tone(1.0, (-4, 0))[0]: "1.0e+00", tone(1e-3, (-4, 0))[0]: "1.0e-03"}


def test_a_hostile_name_is_text_in_both_tables():
    member = Member(name="a", sha256="0" * 64, file_name="a")
    recipe = Recipe(members=(member,), layout="average")
    told = report("average", layer(HOSTILE, "a", 1.0)).model_copy(update={"shares": {"a": 0.25}, "routes": {"a": 0.5}})
    assert "<img" not in heat_html([told], {"a": 0}) and "&lt;img" in heat_html([told], {"a": 0})
    shares = shares_html([recipe], [told.model_copy(update={"title": HOSTILE})])
    assert "<img" not in shares
    assert re.findall(r"<td>(.*?)</td>", shares) == ["25.0%", "1.000", "0.500"]


@pytest.mark.parametrize(("part", "text"), [(0.5, "0.500"), (0.001, "0.001"), (3.26e-4, "3.3e-04"), (0.0, "0.000")])
def test_a_small_part_is_not_told_as_none(part, text):
    recipe = Recipe(members=(Member(name="a", sha256="0" * 64, file_name="a"),), layout="add")
    told = report("add", layer("a.dense", "a", 1.0)).model_copy(update={"routes": {"a": part}})
    assert re.findall(r"<td>(.*?)</td>", shares_html([recipe], [told]))[-1] == text


def test_two_paths_within_one_operator_name_it_once():
    [within, across] = [
        Fork(member="a", layer="a.dense", paths=paths, cosine=0.0)
        for paths in (("unit.hidden-1", "unit.all"), ("a", "unit.all"))
    ]
    html = forks_html([report("add").model_copy(update={"forks": (within, across)})])
    assert "<td>hidden-1 and all of unit</td>" in html and "<td>a and unit.all</td>" in html


@pytest.mark.parametrize(
    ("cosine", "cells"),
    [
        (0.5, ["+0.500", "in one direction"]),
        (-0.5, ["-0.500", "against each other"]),
        (0.05, ["+0.050", "neither helps nor hinders the other"]),
        (None, ["–", "one of them sends nothing up yet"]),
    ],
)
def test_two_paths_from_a_member_have_a_line_of_their_own(cosine, cells):
    fork = Fork(member="a", layer="a.dense", paths=("a", HOSTILE), cosine=cosine)
    html = forks_html([report("add").model_copy(update={"forks": (fork,)})])
    assert "<img" not in html and "Add · a</th>" in html
    assert re.findall(r"<td>(.*?)</td>", html)[1:] == cells


PICTURE = Picture(
    nodes=(
        PictureNode("x", "x", "", "input"),
        PictureNode("a", "a", "", "member", 0),
        PictureNode("a/one", "one", "", "member", 0, "a", "one"),
        PictureNode("a/two", "two", "", "member", 0, "a", "block/two"),
        PictureNode("join", "Join", "", "operator"),
    ),
    edges=(PictureEdge("x", "a/one", 0), PictureEdge("a/one", "a/two", 0), PictureEdge("a/two", "join", 0)),
)
MEASURED = report("add", layer("a.one", "a", 3.0), layer("a.block.two", "a", 4.0), layer("join.part", None, 2.0)).model_copy(
    update={
        "edges": (
            EdgeGradient(source="a.one", target="a.block.two", norm=0.5),
            EdgeGradient(source="a.block.two", target="join.part", norm=0.25),
            EdgeGradient(source="join.part", target="join", norm=9.0),
        )
    }
)


def test_a_member_that_learns_is_not_called_frozen_for_a_part_that_is():
    node = PICTURE.nodes[1]
    for verdict, words in (("healthy", "5.0e+00"), ("vanishing", "5.0e+00 · vanishing"), ("frozen", "5.0e+00 · frozen")):
        one = layer("a.one", "a", 3.0).model_copy(update={"verdict": verdict})
        two = layer("a.block.two", "a", 4.0).model_copy(update={"verdict": "frozen"})
        found = on_picture(PICTURE, ["a"], (), report("add", one, two))
        assert box_words(node, found) == words


def test_norms_find_their_nodes_and_edges_folded_and_unfolded():
    folded, unfolded = (on_picture(PICTURE, ["a"], open, MEASURED) for open in ((), {"a"}))
    assert folded.nodes == unfolded.nodes == {"a": 5.0, "a/one": 3.0, "a/two": 4.0, "join": 2.0}
    assert folded.edges == {("a", "join"): 0.25}
    assert unfolded.edges == {("a/one", "a/two"): 0.5, ("a/two", "join"): 0.25}
    made = marks(folded, [("x", "a"), ("a", "join")], (-1, 1))
    assert made["x", "a"] == STILL and made["a", "join"] == {"penwidth": "2.5", "class": "flow-1"}
    assert made["a"] == {"fillcolor": TONES[7], "fontcolor": INK, "class": "tone-7 inky"} and "x" not in made


def test_a_strip_has_a_tone_for_each_piece_and_a_mark_at_the_chosen_step():
    norms = np.array([[1e-3, 1.0], [np.nan, 1.0], [1e-3, 10.0], [1e-1, 0.0]])
    exponents = norm_range(norms)
    assert exponents == (-3, 1)
    html = strips_html([HOSTILE, "head"], ["a", ""], [1, 2, 3, 4], norms, {"a": 0}, exponents, 2)
    strips = [
        re.findall(r"(#\w+|transparent) ([\d.]+)% ([\d.]+)%", row) for row in re.findall(r"linear-gradient\((.*?)\)\"", html)
    ]
    weak, middle, strong = (tone(value, exponents)[0] for value in (1e-3, 1e-1, 10.0))
    assert [each[0] for each in strips[0]] == [weak, "transparent", weak, middle]
    assert [each[0] for each in strips[1]] == [tone(1.0, exponents)[0]] * 2 + [strong, "transparent"]
    assert [each[1:] for each in strips[0]] == [("0.00", "25.00"), ("25.00", "50.00"), ("50.00", "75.00"), ("75.00", "100.00")]
    assert html.count("left: 62.50%") == 2 and "1.0e-03" in html and "1.0e+01" in html and "<img" not in html


def test_a_long_run_is_drawn_in_few_pieces():
    norms = np.geomspace(1e-6, 1.0, 500)[:, None]
    html = strips_html(["head"], [""], list(range(1, 501)), norms, {}, norm_range(norms), 499)
    tones = re.findall(r"#\w{6} [\d.]+%", html)
    assert len(tones) == COLUMNS and list(dict.fromkeys(each.split()[0] for each in tones)) == list(TONES)
