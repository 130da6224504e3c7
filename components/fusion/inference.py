"""The signals on every edge of a fusion graph, from the members' facts alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from components.fusion.operators import OPERATORS
from components.fusion.signals import Kind, Signal, describe
from components.models.facts import LayerRow, MemberFacts
from components.recipe import AdapterNode, FusionGraph, InputNode, Member, MemberNode, Node, OperatorNode, Refusal, source
from components.recipe.wording import shown

Branches = Mapping[str, tuple[Member, MemberFacts]]
"""The members of a fusion with what is known of them, by the member's name."""

_KINDS: dict[str, Kind] = {"softmax": "probabilities", "logits": "logits", "sigmoid": "sigmoid", "linear": "values"}


def cut_row(member: Member, facts: MemberFacts, cut_layer: str | None = None) -> LayerRow | None:
    """The layer whose output is taken as features: the one named, the member's own or the default; None where there is none.

    Raises:
        Refusal: when the chosen layer is not one of those at which the member can be cut.
    """
    name = cut_layer or member.cut_layer or facts.cut_layer
    if name is None:
        return None
    for row in facts.cut_layers or facts.layers:
        if row.name == name:
            return row
    raise Refusal(f"{member.name} cannot be cut at “{shown(name)}”: it has no such layer on its way. Choose another cut layer.")


def outputs_of(node: Node, inputs: Sequence[Signal], branches: Branches) -> tuple[Signal, ...]:
    """What flows out of a node, one signal for each of its outputs.

    Raises:
        Refusal: when the node cannot take its inputs.
    """
    if isinstance(node, InputNode):
        return (Signal(node.shape, node.dtype),)
    if isinstance(node, MemberNode):
        return _branch(node, inputs, branches)
    if isinstance(node, OperatorNode | AdapterNode):
        if node.operator not in OPERATORS:
            raise Refusal(f"No operator is called “{shown(node.operator)}”. Known are {', '.join(OPERATORS)}.")
        return (OPERATORS[node.operator].infer(inputs, node.options),)
    return (inputs[0],)


def _branch(node: MemberNode, inputs: Sequence[Signal], branches: Branches) -> tuple[Signal, ...]:
    if node.member not in branches:
        raise Refusal(f"No member is called {node.member}. Known are {', '.join(branches)}.")
    member, facts = branches[node.member]
    if len(inputs) != len(facts.inputs):
        raise Refusal(f"{member.name} takes {len(facts.inputs)} inputs; received {len(inputs)}. Connect one to each.")
    for signal, wanted in zip(inputs, facts.inputs, strict=True):
        if not fits(signal.shape, wanted.shape):
            received = describe(signal.shape)
            raise Refusal(f"{member.name} takes {describe(wanted.shape)}; received {received}. Put an adapter in front.")
    if node.part == "features":
        row = cut_row(member, facts, node.cut_layer)
        if row is None:
            raise Refusal(f"{member.name} has no layer to cut at. Use its prediction instead.")
        return (Signal(row.shape, "float32", "features"),)
    heads = facts.heads or (facts.head,) * len(facts.outputs)
    return tuple(
        Signal(output.shape, output.dtype, _KINDS.get(head, "values"))
        for output, head in zip(facts.outputs, heads, strict=True)
    )


def fits(shape: tuple[int | None, ...], wanted: tuple[int | None, ...]) -> bool:
    """Whether a tensor of this shape can be fed where the other is expected; only an axis of any length takes any length."""
    return len(shape) == len(wanted) and all(w is None or w == s for s, w in zip(shape, wanted, strict=True))


def infer(graph: FusionGraph, branches: Branches) -> dict[str, tuple[Signal, ...]]:
    """What flows out of every node, by the node's id.

    Raises:
        Refusal: at the first node that cannot take its inputs.
    """
    signals: dict[str, tuple[Signal, ...]] = {}
    for node in graph.nodes:
        signals[node.id] = outputs_of(node, [at(signals, reference) for reference in node.inputs], branches)
    return signals


def at(signals: Mapping[str, tuple[Signal, ...]], reference: str) -> Signal:
    """The signal that an input reference names.

    Raises:
        Refusal: when the node has no such output.
    """
    node, port = source(reference)
    if port >= len(signals[node]):
        raise Refusal(f"{shown(node)} has {len(signals[node])} outputs; number {port} was asked for, counted from 0.")
    return signals[node][port]
