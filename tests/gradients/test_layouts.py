"""Every layout over two real members, from the recipe to the report."""

from __future__ import annotations

import math

import keras
import pytest
import tensorflow as tf

from components.data.bound import bind
from components.data.split import split
from components.fusion.build import build
from components.fusion.dot import seen_edges
from components.fusion.layouts import LAYOUTS
from components.fusion.picture import picture
from components.fusion.plan import plan
from components.gradients.measure import measure
from components.gradients.on_picture import on_picture
from components.gradients.predicted import RULES, measured_route, predicted, prediction
from components.gradients.probe_batch import probe_rows
from components.recipe import FusionGraph
from components.training.losses import objectives
from tests.gradients.digits import MEETING, Opened

SHUT = {
    "cascade": {"mlp"},
    "attention": {"attention.hidden"},
    "tanh-gate": {"cnn", "tanh-gate.change-2"},
    "film": {"cnn"},
    "residual-series": {"mlp"},
}
"""For layouts that start shut: the members and layers that get no gradient before the first step."""

ROUNDING = 5e-5
"""Where both computations add float32 numbers in another order: 1.3e-5 apart on one core, less on more."""

WITHOUT_GRADIENT = ("majority-vote", "weighted-vote", "rank-average")


@pytest.mark.parametrize("layout", MEETING)
def test_the_gradient_of_a_layout_is_counted_once_and_reaches_both_members(layout: str, opened: Opened) -> None:
    recipe, facts, models, samples = opened.recipe, opened.facts, opened.models, opened.samples
    known = [(member, facts[member.name]) for member in recipe.members]
    graph = plan(layout, {}, known, recipe.data, bind(recipe.data, None)).graph
    recipe = recipe.model_copy(update={"layout": layout, "graph": graph})
    model = build(recipe, models)
    training = split(samples, recipe.data.split).training
    rows = training[probe_rows(len(training))]
    inputs = {name: array[rows] for name, array in samples.inputs.items()}
    goals = objectives(recipe, model)
    targets = [goal.target(samples.target[rows]) for goal in goals]
    report = measure(recipe, model, inputs, targets, [goal.loss for goal in goals])

    model.compile(loss=[goal.loss for goal in goals])
    feed = [tf.constant(inputs[node.binding]) for node in graph.nodes if node.kind == "input"]
    with tf.GradientTape() as tape:
        given = feed if len(feed) > 1 else feed[0]
        predictions = model(given, training=True)
        loss = model.compute_loss(x=given, y=targets if len(goals) > 1 else targets[0], y_pred=predictions)
    gradients = tape.gradient(loss, [variable.value for variable in model.trainable_variables])
    whole = math.hypot(*(layer.norm for layer in report.layers if layer.norm is not None))
    assert whole == pytest.approx(float(tf.linalg.global_norm(gradients)), rel=ROUNDING)
    assert sum(layer.variables for layer in report.layers) == len(model.trainable_variables)

    assert report.samples == 256 and report.loss == pytest.approx(float(loss), rel=ROUNDING)
    assert report.title == LAYOUTS[layout].title and report.layout == layout
    by_member = [layer.member for layer in report.layers if layer.member]
    assert by_member == sorted(by_member, key=["mlp", "cnn"].index)
    for member in recipe.members:
        own = [layer.layer for layer in report.layers if layer.member == member.name]
        assert own and all(name.startswith(f"{member.name}.") for name in own)
    drawn = picture(graph, {member.name: (member, facts[member.name]) for member in recipe.members})
    every = {node.group for node in drawn.nodes if node.group}
    for unfolded in ((), every):
        found = on_picture(drawn, ["mlp", "cnn"], unfolded, report)
        assert set(found.edges) <= set(seen_edges(drawn, unfolded))
        for name in ("mlp", "cnn"):
            own = [layer.norm for layer in report.layers if layer.member == name and layer.norm is not None]
            at = [node.id for node in drawn.nodes if node.title == name and node.kind == "member"]
            assert [found.nodes.get(id, 0.0) for id in at] == pytest.approx([math.hypot(*own)] * len(at), rel=1e-9)
    if layout not in WITHOUT_GRADIENT and layout != "boosting":
        ends = {node.id for node in graph.nodes if node.kind == "output"}
        streams = {pair for pair in seen_edges(drawn, ()) if pair[0] in behind_members(graph) and pair[1] not in ends}
        assert streams <= set(on_picture(drawn, ["mlp", "cnn"], (), report).edges), "each has a width"
    parted = {layer.layer for layers in found.layers.values() for layer in layers}
    assert parted == {layer.layer for layer in report.layers}
    for member, route in prediction(recipe).routes.items():
        measured = measured_route(report, member)
        assert measured is None if layout in WITHOUT_GRADIENT else measured == pytest.approx(route, rel=1e-6), member
    if layout == "average":
        [end, *_] = (node.id for node in drawn.nodes if node.layer == facts["mlp"].layers[-1].name)
        assert found.edges[end, "average"] == pytest.approx(report.ends["mlp"], rel=1e-6)
    if layout in WITHOUT_GRADIENT:
        assert {layer.verdict for layer in report.layers if layer.member} == {"structurally zero"} and not report.shares
        assert "no gradient passes through a choice" in report.summary
        return
    if layout == "boosting":
        assert {layer.member for layer in report.layers if layer.verdict == "structurally zero"} == {"mlp"}
        assert "another member learns what it leaves" in report.summary and set(report.shares) == {"cnn"}
        return
    assert sum(report.shares.values()) == pytest.approx(1) and set(report.shares) == {"mlp", "cnn"}
    if layout == "average":
        assert report.routes == pytest.approx({"mlp": 0.5, "cnn": 0.5})
        assert predicted(recipe, report)[0] == "mlp gets 1/2 of the gradient at the output: measured 0.500"
    if layout in SHUT:
        silent = {layer.member or layer.layer for layer in report.layers if layer.verdict == "structurally zero"}
        assert silent == SHUT[layout]
        assert not [layer.layer for layer in report.layers if layer.member in silent and layer.verdict != "structurally zero"]
        assert "starts at zero where this flows in" in report.summary
    else:
        assert report.verdict == "healthy"


def behind_members(graph: FusionGraph) -> set[str]:
    """The nodes through which something flows that a member has given."""
    found: set[str] = set()
    for node in graph.nodes:
        if node.kind == "member" or any(reference in found for reference in node.inputs):
            found.add(node.id)
    return found


def test_each_rule_is_beside_what_is_measured() -> None:
    assert set(RULES) <= {*MEETING, "cross-attention"}


def test_frozen_members_are_shown_as_frozen(opened: Opened) -> None:
    recipe, facts, models, samples = opened.recipe, opened.facts, opened.models, opened.samples
    members = tuple(member.model_copy(update={"frozen": True}) for member in recipe.members)
    known = [(member, facts[member.name]) for member in members]
    graph = plan("concatenate", {}, known, recipe.data, bind(recipe.data, None)).graph
    recipe = recipe.model_copy(update={"layout": "concatenate", "graph": graph, "members": members})
    model = build(recipe, models)
    inputs = {name: array[:64] for name, array in samples.inputs.items()}
    loss = keras.losses.SparseCategoricalCrossentropy()
    report = measure(recipe, model, inputs, samples.target[:64], loss)
    assert {layer.verdict for layer in report.layers if layer.member} == {"frozen"}
    assert {layer.verdict for layer in report.layers if not layer.member} == {"healthy"}
    assert report.verdict == "healthy" and report.shares == {}
