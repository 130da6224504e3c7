"""The parts of the script that build: the members' branches, the operators used, and one line for each node."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from components.fusion import branch, precision
from components.fusion.operator import plain_source
from components.fusion.operators import OPERATORS
from components.fusion.script.names import Names
from components.fusion.script.wrapping import call, literal
from components.fusion.serialised import models_within
from components.fusion.signals import describe, listed
from components.fusion.usage import behind, cut_of, uses
from components.models.facts import MemberFacts
from components.recipe import (
    AdapterNode,
    FusionGraph,
    InputNode,
    MemberNode,
    OperatorNode,
    OutputNode,
    Recipe,
    source,
)
from components.recipe.options import read_options
from components.recipe.wording import shown

Facts = Mapping[str, MemberFacts]

_BRANCH_FUNCTIONS: tuple[Callable[..., Any], ...] = (
    models_within,
    branch.rename_references,
    branch.rename_layers,
    branch.freeze,
    branch.freeze_layers,
    branch.features_at,
    branch.copy_weights,
    branch.copy_of,
    precision.compute_in,
    precision.names_in,
    precision.set_policies,
    precision.with_all_digits,
    branch.one_or_all,
    branch.branch,
    branch.last_dense,
)


def branch_lines(recipe: Recipe, graph: FusionGraph, facts: Facts, names: Names) -> str:
    """The functions that make a branch, and for each member the lines that load and copy it."""
    loaded, copied = [], []
    for name, use in uses(recipe, graph).items():
        member, known = recipe.member(name), facts[name]
        takes, gives = (listed([describe(each.shape) for each in ends]) for ends in (known.inputs, known.outputs))
        options: dict[str, Any] = {"cuts": list(use.cuts)} if use.cuts else {}
        options |= {} if use.predict else {"predict": False}
        options |= {"frozen": True} if member.frozen else {}
        options |= {"fixed": list(member.frozen_layers)} if member.frozen_layers else {}
        options |= {"rate": member.rate} if member.rate != 1 else {}
        options |= {"precision": recipe.training.precision} if recipe.training.precision != "float32" else {}
        loaded += [
            f"# {name}: {takes} in, {gives} out ({known.head}), {known.parameters:,} weights",
            f'{names.model(name)} = keras.models.load_model("{name}.keras", compile=False)',
        ]
        copied.append(f"{names.branch(name)} = {call('branch', [names.model(name), repr(name)], options)}")
    # Layers with dropout draw their seeds when they are made: the copies' begin at the recipe's, whatever was loaded before.
    lines = [*loaded, f"keras.utils.set_random_seed({recipe.seed})", *copied]
    return "\n\n\n".join([*map(plain_source, _BRANCH_FUNCTIONS), "\n".join(lines)])


def operator_lines(graph: FusionGraph) -> str:
    """The source of each operator that the graph uses, and of the starts."""
    nodes = [node for node in graph.nodes if isinstance(node, OperatorNode | AdapterNode)]
    starts = [OPERATORS[node.operator].start for node in nodes if isinstance(node, OperatorNode) and node.start]
    functions = [OPERATORS[node.operator].function for node in nodes] + [start for start in starts if start]
    return "\n\n\n".join(map(plain_source, dict.fromkeys(functions)))


def model_lines(recipe: Recipe, graph: FusionGraph, facts: Facts, names: Names) -> str:
    """One line for each node, the model, its start, and its predictions before training."""
    ins = [node for node in graph.nodes if isinstance(node, InputNode)]
    outs = [_reference(node.inputs[0], graph, facts, names) for node in graph.nodes if isinstance(node, OutputNode)]
    fed, given = ", ".join(names.node(node.id) for node in ins), ", ".join(outs)
    return "\n".join(
        [
            f"keras.utils.set_random_seed({recipe.seed})",
            *_nodes(recipe, graph, facts, names),
            f'model = keras.Model(one_or_all([{fed}]), one_or_all([{given}]), name="fused")',
            *_starts(graph, names),
            "model.summary()",
            "",
            "",
            "def feed(samples: np.ndarray) -> Any:",
            '    """What the model takes for these samples."""',
            f"    return one_or_all([inputs[name][samples] for name in {[node.binding for node in ins]!r}])",
            "",
            "",
            "def predict(samples: np.ndarray) -> np.ndarray:",
            '    """The model\'s predictions; of several outputs the last."""',
            "    predictions = model.predict(feed(samples), verbose=0)",
            "    return predictions[-1] if isinstance(predictions, list) else predictions",
            "",
            "",
            'results = {"before training": predict(test)}',
        ]
    )


def _nodes(recipe: Recipe, graph: FusionGraph, facts: Facts, names: Names) -> Iterator[str]:
    outputs: dict[tuple[str, ...], str] = {}
    for node in graph.nodes:
        feed = [_reference(reference, graph, facts, names) for reference in node.inputs]
        match node:
            case InputNode():
                yield f"{names.node(node.id)} = keras.Input({literal(node.shape)}, dtype={node.dtype!r}, name={node.id!r})"
            case MemberNode():
                yield from _member(recipe, graph, node, feed, facts, names, outputs)
            case OperatorNode() | AdapterNode():
                if isinstance(node, AdapterNode):
                    yield f"# Since {shown(node.reason, 200)}:"
                operator = OPERATORS[node.operator]
                values = read_options(operator.options, operator.title, node.options)
                options = {name: getattr(values, name) for name in operator.options.model_fields}
                given = f"[{', '.join(feed)}]" if operator.takes_several else feed[0]
                applied = call(operator.function.__name__, [given], {**options, "name": node.id})
                yield f"{names.node(node.id)} = {applied}"


def _member(
    recipe: Recipe,
    graph: FusionGraph,
    node: MemberNode,
    feed: list[str],
    facts: Facts,
    names: Names,
    outputs: dict[tuple[str, ...], str],
) -> Iterator[str]:
    """The lines of a member's node; a branch is called once for all nodes that feed it the same."""
    use, cut, count = uses(recipe, graph)[node.member], cut_of(recipe, node), len(facts[node.member].outputs)
    applied = f"{names.branch(node.member)}({feed[0] if len(feed) == 1 else '[' + ', '.join(feed) + ']'})"
    if len(use.cuts) + use.predict * count == 1:
        yield f"{names.node(node.id)} = {applied}"
        return
    key = (node.member, *node.inputs)
    if key not in outputs:
        outputs[key] = names.outputs(node.member, sum(member == node.member for member, *_ in outputs))
        yield f"{outputs[key]} = {applied}"
    first = len(use.cuts)
    place = str(use.cuts.index(cut)) if cut is not None else f"{first}:" if count > 1 else str(first)
    yield f"{names.node(node.id)} = {outputs[key]}[{place}]"


def _starts(graph: FusionGraph, names: Names) -> Iterator[str]:
    for node in graph.nodes:
        start = OPERATORS[node.operator].start if isinstance(node, OperatorNode) and node.start else None
        if start is not None:
            heads = ", ".join(f"last_dense({names.model(member)})" for member in behind(graph, node))
            yield f'{start.__name__}(model.get_layer("{node.id}"), [{heads}])'


def _reference(reference: str, graph: FusionGraph, facts: Facts, names: Names) -> str:
    id, port = source(reference)
    node = graph.node(id)
    several = isinstance(node, MemberNode) and node.part == "prediction" and len(facts[node.member].outputs) > 1
    return f"{names.node(id)}[{port}]" if several else names.node(id)
