"""How far a fused model is from the function at which it is to start, measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import keras
import numpy as np

from components.fusion.branch import copy_weights, last_dense, one_or_all
from components.fusion.build import build
from components.fusion.usage import behind
from components.recipe import AdapterNode, FusionGraph, MemberNode, OperatorNode, OutputNode, Recipe, source

Expect = Callable[[Recipe, FusionGraph, Any, Mapping[str, keras.Model], Sequence[np.ndarray]], np.ndarray]
"""What the fused model is to give at its start, from the recipe, its graph, the node that starts it, the members' models and
the fused model's inputs."""


class Start(NamedTuple):
    """A function at which a fused model starts; `equals` says which.

    `always` is whether the operator's own first weights put it there; else its node or adapter asks for it.
    """

    equals: str
    expect: Expect
    always: bool = False


def start_difference(
    recipe: Recipe, model: keras.Model, models: Mapping[str, keras.Model], inputs: Sequence[np.ndarray]
) -> tuple[str, float] | None:
    """The largest difference between a fresh fused model and the function at which it starts.

    Args:
        recipe: The recipe that the model was built from.
        model: The fused model, not trained yet.
        models: The members' models by the members' names.
        inputs: Samples, one array for each input of the model.

    Returns:
        A sentence and the difference; None where the recipe names no function to start from.
    """
    graph = recipe.graph
    if graph is None:
        return None
    for node in graph.nodes:
        start = _start_of(graph, node)
        if start is not None:
            ends = [each.id for each in graph.nodes if isinstance(each, OutputNode)]
            given = _predict(model, inputs)[ends.index(_end_of(graph, node))]
            difference = float(np.max(np.abs(given - start.expect(recipe, graph, node, models, inputs))))
            return f"Starts at {start.equals}, so training moves on from there.", difference
    return None


def _start_of(graph: FusionGraph, node: Any) -> Start | None:
    if isinstance(node, OperatorNode) and node.start and len(behind(graph, node)) == 1:
        return Start("the first member alone", _logit_average)
    if isinstance(node, OperatorNode) and node.operator in STARTS and (node.start or STARTS[node.operator].always):
        return STARTS[node.operator]
    if isinstance(node, AdapterNode) and node.options.get("start") == "identity":
        return STARTS.get(node.operator)
    return None


def _end_of(graph: FusionGraph, node: Any) -> str:
    """The output to which a node leads, the last of several."""
    reached = {node.id}
    for each in graph.nodes:
        if reached & {source(reference)[0] for reference in each.inputs}:
            reached.add(each.id)
    return [each.id for each in graph.nodes if isinstance(each, OutputNode) and each.id in reached][-1]


def _predict(model: keras.Model, inputs: Sequence[np.ndarray]) -> list[np.ndarray]:
    # A call, not `predict`: on a few samples it would take longer to trace the model than to run it.
    given = model(one_or_all(inputs), training=False)
    return [np.asarray(each) for each in (given if isinstance(given, list) else [given])]


def _feeding(
    recipe: Recipe,
    graph: FusionGraph,
    references: Sequence[str],
    models: Mapping[str, keras.Model],
    inputs: Sequence[np.ndarray],
) -> list[np.ndarray]:
    """What flows at these references."""
    needed = {source(reference)[0] for reference in references}
    for node in reversed(graph.nodes):
        needed |= {source(reference)[0] for reference in node.inputs} if node.id in needed else set()
    kept = [node for node in graph.nodes if node.id in needed]
    ends = [OutputNode(id=f"end-of-start-{number}", inputs=(reference,)) for number, reference in enumerate(references)]
    part = Recipe(**{**dict(recipe), "graph": FusionGraph(nodes=(*kept, *ends))})
    return _predict(build(part, models), inputs)


def _replaced(by: Callable[[Any], str], first: int = 0) -> Expect:
    """What the graph gives with another operator, over the node's inputs from `first` on, in place of the one that starts."""

    def expect(recipe: Recipe, graph: FusionGraph, node: Any, models: Any, inputs: Any) -> np.ndarray:
        other = OperatorNode(id=node.id, operator=by(node), inputs=node.inputs[first:])
        nodes = tuple(other if each.id == node.id else each for each in graph.nodes)
        end = graph.node(_end_of(graph, node))
        return _feeding(recipe, FusionGraph(nodes=nodes), end.inputs, models, inputs)[0]

    return expect


def _mean_in_form_of_target(node: Any) -> str:
    return "average" if node.options["activation"] == "linear" else "logit-average"


def _logit_average(recipe: Recipe, graph: FusionGraph, node: Any, models: Any, inputs: Any) -> np.ndarray:
    """The members cut behind their last dense layers, whose activation is taken off; their average under the head's own."""
    names = behind(graph, node)
    without = {**models, **{name: _without_activation(models[name]) for name in set(names)}}
    last = {name: last_dense(models[name]).name for name in names}
    nodes = [
        MemberNode(id=each.id, member=each.member, part="features", cut_layer=last[each.member], inputs=each.inputs)
        if isinstance(each, MemberNode) and each.member in last
        else each
        for each in graph.nodes
        if isinstance(each, MemberNode) or not behind(graph, each)
    ]
    references = [each.id for each in nodes if isinstance(each, MemberNode) and each.member in last]
    logits = _feeding(recipe, FusionGraph(nodes=tuple(nodes)), references, without, inputs)
    if node.options["units"] == 1:
        logits = [each[:, 1:] - each[:, :1] if each.shape[1] == 2 else each for each in logits]
    return _ACTIVATIONS[node.options["activation"]](np.mean(np.asarray(logits, np.float64), axis=0))


def _softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


_ACTIVATIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "softmax": _softmax,
    "sigmoid": lambda logits: 1.0 / (1.0 + np.exp(-logits)),
    "linear": lambda logits: logits,
}


def _without_activation(model: keras.Model) -> keras.Model:
    copy = keras.models.clone_model(model)
    copy_weights(model, copy)
    last_dense(copy).activation = keras.activations.linear
    return copy


def _last_member_alone(recipe: Recipe, graph: FusionGraph, node: Any, models: Any, inputs: Any) -> np.ndarray:
    """Every adapter that starts by passing a member's own input on is left out."""
    passed: dict[str, str] = {}
    nodes: list[Any] = []
    for each in graph.nodes:
        if isinstance(each, AdapterNode) and each.options.get("start") == "identity":
            passed[each.id] = graph.node(source(each.inputs[0])[0]).inputs[0]
        elif isinstance(each, OperatorNode) and each.operator == "residual-adapter":
            passed[each.id] = each.inputs[0]
        else:
            feed = tuple(passed.get(reference, reference) for reference in each.inputs)
            nodes.append(each.model_copy(update={"inputs": feed}) if each.inputs else each)
    end = next(each for each in nodes if each.id == _end_of(graph, node))
    return _feeding(recipe, FusionGraph(nodes=tuple(nodes)), end.inputs, models, inputs)[0]


STARTS: dict[str, Start] = {
    "weighted-average": Start("the members' plain average", _replaced(lambda node: "average"), always=True),
    "mixture-of-experts": Start("the members' plain average", _replaced(lambda node: "average", first=1), always=True),
    "learned-temperature": Start("the members' plain average", _replaced(lambda node: "softmax"), always=True),
    "stacking": Start("the members' logit average", _replaced(_mean_in_form_of_target)),
    "head": Start("the members' logit average", _logit_average),
    "dense-projection": Start("the last member alone", _last_member_alone),
    "residual-adapter": Start("the last member alone", _last_member_alone, always=True),
}
"""By the name of the operator whose first weights decide it."""
