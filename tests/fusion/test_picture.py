"""Pictures of fusion graphs, read back by Graphviz and by an XML parser."""

from __future__ import annotations

import warnings
from xml.etree import ElementTree

import keras
import pygraphviz
import pytest

from components.fusion.dot import MEMBER_COLOURS, to_dot
from components.fusion.layouts import LAYOUTS
from components.fusion.member_layers import before, member_picture
from components.fusion.picture import Picture, picture
from components.fusion.river import layout_river, river
from components.models.facts import LayerRow
from tests.fusion.members import CASES, Case, dense, facts_of, nested, two_outputs, with_positions

HOSTILE = ('a<b>&"x"', "<html>", "node:port", "back\\n\\lslash", "x\n};digraph{", "é中文")


def _picture(case: Case, layout: str) -> Picture:
    return picture(case.plan(layout).graph, {member.name: (member, facts) for member, facts in case.members})


def _hostile() -> Case:
    layers = [keras.layers.Dense(4, name=name) for name in HOSTILE]
    layers += [keras.layers.Reshape((2, 2), name="\x1b[31m"), keras.layers.Flatten(name="{flat}")]
    model = keras.Sequential([keras.layers.Input((12,)), *layers, keras.layers.Dense(3, activation="softmax", name="<b>")])
    return Case({"hostile": model, "plain": with_positions(4), "third": with_positions(4)})


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("folded", [True, False])
def test_hostile_layer_names_stay_names(layout: str, folded: bool) -> None:
    drawn = _picture(_hostile(), layout)
    members = [node.id for node in drawn.nodes if node.kind == "member" and node.group is None]
    graph = pygraphviz.AGraph(string=to_dot(drawn, () if folded else members))
    expected = {node.id for node in drawn.nodes if node.group is None and (folded or node.id not in members)}
    expected |= set() if folded else {node.id for node in drawn.nodes if node.group}
    assert set(graph.nodes()) == expected
    if not folded:
        labels = {node.attr["label"].split("\\n")[0] for node in map(graph.get_node, graph.nodes())}
        assert {'a<b>&"x"', "<html>", "node:port", "é中文"} <= labels


def test_ids_are_the_nodes_and_their_layers_and_stay_the_same() -> None:
    first, second = _picture(_hostile(), "average"), _picture(_hostile(), "average")
    assert [node.id for node in first.nodes] == [node.id for node in second.nodes]
    ids = [node.id for node in first.nodes]
    assert len(set(ids)) == len(ids) and {"x", "hostile", "plain", "average", "prediction", "plain/hidden"} <= set(ids)


def test_streams_have_the_colour_of_their_member_and_what_is_fused_is_ink() -> None:
    drawn = _picture(CASES["images and vectors"](), "average")
    streams = {(edge.source, edge.target): edge.member for edge in drawn.edges}
    assert streams["x", "cnn/hidden"] == 0 and streams["x", "flatten-mlp"] == 1 and streams["flatten-mlp", "mlp/hidden"] == 1
    assert streams["cnn/out", "softmax-cnn"] == 0 and streams["softmax-cnn", "average"] == 0
    assert streams["average", "prediction"] is None
    graph = pygraphviz.AGraph(string=to_dot(drawn))
    assert graph.get_node("mlp").attr["class"] == "member member-1"
    assert graph.get_node("flatten-mlp").attr["class"] == "adapter"
    assert graph.get_edge("x", "cnn").attr["color"] == MEMBER_COLOURS[0]


def test_the_seventh_member_takes_the_first_colour_dashed() -> None:
    model = dense()
    drawn = _picture(Case({f"m{number}": model for number in range(7)}), "average")
    assert pygraphviz.AGraph(string=to_dot(drawn, {"m6"})).has_node("m6/hidden")
    graph = pygraphviz.AGraph(string=to_dot(drawn))
    assert graph.get_node("m6").attr["class"] == "member member-0"
    assert "dashed" in graph.get_node("m6").attr["style"] and "dashed" not in graph.get_node("m0").attr["style"]


def test_features_are_drawn_up_to_the_cut() -> None:
    drawn = _picture(CASES["dense and dense, equal layer names"](), "concatenate")
    ids = {node.id for node in drawn.nodes}
    assert {"a/hidden", "a/dropout"} <= ids and "a/out" not in ids
    branch = next(node for node in drawn.nodes if node.id == "a")
    assert branch.subtitle == "cut at dropout · 5 numbers"


def test_a_nested_model_folds_by_itself() -> None:
    drawn = _picture(Case({"nested": nested(), "plain": dense()}), "average")
    assert next(node.group for node in drawn.nodes if node.id == "nested/backbone/hidden") == "nested/backbone"
    folded = pygraphviz.AGraph(string=to_dot(drawn, {"nested"}))
    opened = pygraphviz.AGraph(string=to_dot(drawn, {"nested", "nested/backbone"}))
    assert folded.has_node("nested/backbone") and not folded.has_node("nested/backbone/hidden")
    assert opened.has_node("nested/backbone/hidden") and not opened.has_node("nested/backbone")


def _edges(drawn: Picture, *unfolded: str) -> set[tuple[str, str]]:
    return set(pygraphviz.AGraph(string=to_dot(drawn, unfolded)).edges())


def test_an_unfolded_member_shows_its_branching_and_folded_parts_bundle_it() -> None:
    drawn = _picture(Case({"nested": nested(), "plain": dense()}), "average")
    assert _edges(drawn) == {(a, b) for a in ("nested", "plain") for b in ("average",)} | {
        ("x", "nested"),
        ("x", "plain"),
        ("average", "prediction"),
    }
    assert _edges(drawn, "nested") >= {
        ("x", "nested/backbone"),
        ("x", "nested/skip"),
        ("nested/backbone", "nested/skip"),
        ("nested/skip", "nested/out"),
        ("nested/out", "average"),
    }
    assert ("nested/backbone/hidden", "nested/skip") in _edges(drawn, "nested", "nested/backbone")


def test_a_cut_leaves_out_what_does_not_flow_into_it() -> None:
    x = keras.layers.Input((12,))
    hidden = keras.layers.Dense(4, name="hidden")(x)
    beside = keras.layers.Dense(3, name="beside")(x)
    joined = keras.layers.Concatenate(name="joined")([keras.layers.Dense(3, name="out")(hidden), beside])
    model = keras.Model(x, keras.layers.Dense(3, activation="softmax", name="end")(joined))
    rows = facts_of(model).layers
    assert [row.name for row in before(rows, "out")] == ["hidden", "out"]
    assert {row.name for row in before(rows, "joined")} == {"hidden", "beside", "out", "joined"}
    assert before(rows, "nobody") == rows


def test_a_member_alone_is_drawn_from_inputs_to_outputs() -> None:
    drawn = member_picture(facts_of(nested()))
    edges = _edges(drawn)
    assert {head for tail, head in edges if tail.startswith("input/")} == {"layer/backbone", "layer/skip"}
    assert {tail for tail, head in edges if head == "output/out"} == {"layer/out"}
    two = member_picture(facts_of(two_outputs()))
    assert {edge for edge in _edges(two) if edge[1].startswith("output")} == {("layer/a", "output/a"), ("layer/b", "output/b")}


def test_a_card_that_knows_no_edges_is_drawn_as_a_chain() -> None:
    facts = facts_of(dense())
    bare = facts.model_copy(update={"layers": tuple(row.model_copy(update={"inputs": ()}) for row in facts.layers)})
    assert _edges(member_picture(bare)) == _edges(member_picture(facts)) != set()


def _chain(*names: str) -> tuple[LayerRow, ...]:
    rows = zip(names, ("x", *names), strict=False)
    return tuple(
        LayerRow(name=name, kind="Dense", shape=(5,), parameters=1, trainable=True, inputs=(before,)) for name, before in rows
    )


def test_a_long_member_is_folded_into_stretches_and_hides_nothing() -> None:
    case = Case({"a": dense(), "b": dense()})
    member, facts = case.members[0]
    long = facts.model_copy(update={"layers": _chain(*(f"d{place}" for place in range(800)))})
    drawn = picture(case.plan("average").graph, {"a": (member, long), "b": case.members[1]})
    stretches = [node for node in drawn.nodes if node.group == "a"]
    assert [(node.title, node.subtitle) for node in stretches][:2] == [("d0 … d24", "25 layers"), ("d25 … d49", "25 layers")]
    assert len(stretches) == 32
    assert sum(node.id.startswith("a/") for node in drawn.nodes) == 832
    assert (stretches[0].id, stretches[1].id) in _edges(drawn, "a")


def test_the_blocks_that_names_tell_fold() -> None:
    names = [f"conv{stage}_block{block}_{number}_conv" for stage in range(2, 6) for block in range(1, 5) for number in range(4)]
    facts = facts_of(dense()).model_copy(update={"layers": _chain("stem", *names, "head")})
    top = [node.title for node in member_picture(facts).nodes if node.group is None and node.kind == "member"]
    assert top == ["stem", *(f"conv{stage}_block{block}" for stage in range(2, 6) for block in range(1, 5)), "head"]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_river_is_a_small_svg_with_a_stream_for_each_member(layout: str) -> None:
    for members in (2, 3, 16):
        drawn = ElementTree.fromstring(layout_river(layout, members))
        assert drawn.attrib["viewBox"] == "0 0 72 56"
        strokes = {path.attrib.get("stroke") for path in drawn}
        assert set(MEMBER_COLOURS[:members]) <= strokes


def test_every_layout_has_a_river_of_its_own() -> None:
    assert len({layout_river(layout) for layout in LAYOUTS}) == len(LAYOUTS)


def test_a_river_is_drawn_from_the_graph_of_real_members() -> None:
    case = CASES["images and vectors"]()
    assert river(case.plan("average").graph) == layout_river("average")


def test_graphviz_draws_it_without_complaint(capfd: pytest.CaptureFixture[str]) -> None:
    drawn = _picture(_hostile(), "concatenate")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        svg = pygraphviz.AGraph(string=to_dot(drawn, {"hostile"})).draw(format="svg", prog="dot")
    assert "a&lt;b&gt;&amp;" in svg.decode()


def test_many_blocks_fold_into_stretches_of_blocks() -> None:
    facts = facts_of(dense()).model_copy(update={"layers": _chain(*(f"block{b}_{n}" for b in range(100) for n in range(3)))})
    drawn = member_picture(facts)
    top = [(node.title, node.subtitle) for node in drawn.nodes if node.group is None and node.kind == "member"]
    assert top == [(f"block{start} … block{start + 24}", "75 layers") for start in range(0, 100, 25)]
    assert _edges(drawn, "layer/block0___block24") >= {
        ("layer/block0___block24/block0", "layer/block0___block24/block1"),
        ("layer/block0___block24/block24", "layer/block25___block49"),
    }
