"""A fused model as a neutral graph, from which pictures and tables are made without Keras."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

from components.fusion.drawing import Picture, PictureEdge, PictureNode
from components.fusion.inference import Branches, at, cut_row, infer
from components.fusion.member_layers import Layers, before, member_layers
from components.fusion.operators import OPERATORS
from components.fusion.signals import Signal, describe
from components.recipe import AdapterNode, FusionGraph, InputNode, MemberNode, Node, OperatorNode, OutputNode, source
from components.recipe.wording import shown


def picture(graph: FusionGraph, branches: Branches) -> Picture:
    """The picture of a fusion graph.

    A member's layers are parts of its node, up to its cut. Of cards that do not tell what flows into each layer, the edges
    between them show an order alone.

    Raises:
        Refusal: when the graph does not hold together.
    """
    signals = infer(graph, branches)
    places = {name: place for place, name in enumerate(branches)}
    streams = _Streams(graph, places)
    nodes: list[PictureNode] = []
    edges: list[PictureEdge] = []
    inside = {node.id: _layers(node, branches, places) for node in graph.nodes if isinstance(node, MemberNode)}
    for node in graph.nodes:
        place = places[node.member] if isinstance(node, MemberNode) else None
        nodes.append(PictureNode(node.id, _title(node), _subtitle(node, signals, branches), node.kind, place))
        for index, reference in enumerate(node.inputs):
            tail = source(reference)[0]
            stream = streams.of(tail, node.id)
            flows = product(_out_of(graph, reference, inside, branches), _into(node, index, inside, branches))
            edges += [PictureEdge(*flow, stream) for flow in flows]
        layers = inside.get(node.id)
        if layers:
            nodes += layers.nodes
            edges += layers.edges
    return Picture(tuple(nodes), tuple(edges))


def _layers(node: MemberNode, branches: Branches, places: Mapping[str, int]) -> Layers | None:
    member, facts = branches[node.member]
    row = cut_row(member, facts, node.cut_layer) if node.part == "features" else None
    rows = before(facts.layers, row.name) if row else facts.layers
    if not rows:
        return None
    frozen = None if member.frozen else member.frozen_layers
    return member_layers(rows, node.id, places[node.member], group=node.id, frozen=frozen)


def _out_of(graph: FusionGraph, reference: str, inside: Mapping[str, Layers | None], branches: Branches) -> tuple[str, ...]:
    """The nodes out of which what a reference names flows."""
    id, port = source(reference)
    node, layers = graph.node(id), inside.get(id)
    if not isinstance(node, MemberNode) or layers is None:
        return (id,)
    member, facts = branches[node.member]
    row = cut_row(member, facts, node.cut_layer) if node.part == "features" else None
    return layers.out_of(row.name if row else facts.outputs[port].name)


def _into(node: Node, index: int, inside: Mapping[str, Layers | None], branches: Branches) -> tuple[str, ...]:
    """The nodes into which an input of a node flows."""
    layers = inside.get(node.id)
    if not isinstance(node, MemberNode) or layers is None:
        return (node.id,)
    return layers.into(branches[node.member][1].inputs[index].name)


def _title(node: Node) -> str:
    if isinstance(node, OperatorNode | AdapterNode):
        return OPERATORS[node.operator].title
    return node.member if isinstance(node, MemberNode) else node.id


def _subtitle(node: Node, signals: Mapping[str, tuple[Signal, ...]], branches: Branches) -> str:
    given = signals[node.id][0]
    match node:
        case InputNode():
            return f"{describe(node.shape)}, {node.dtype}"
        case MemberNode():
            member, facts = branches[node.member]
            row = cut_row(member, facts, node.cut_layer) if node.part == "features" else None
            what = f"cut at {shown(row.name)} · {describe(given.shape)}" if row else f"{facts.parameters:,} weights"
            state = "frozen" if member.frozen else "partly frozen" if member.frozen_layers else ""
            return " · ".join(part for part in (what, state) if part)
        case AdapterNode():
            return f"adapter · {describe(given.shape)}"
        case OperatorNode():
            widths = [at(signals, reference).shape[-1:] for reference in node.inputs]
            joined = " + ".join(str(width[0]) for width in widths if width)
            return f"{joined} → {given.shape[-1]}" if node.operator == "concatenate" else describe(given.shape)
        case OutputNode():
            return describe(given.shape)


class _Streams:
    """Which member's stream an edge belongs to: the only one it comes from, or before all members the only one it leads to."""

    def __init__(self, graph: FusionGraph, places: Mapping[str, int]) -> None:
        self._from: dict[str, frozenset[int]] = {}
        self._to: dict[str, frozenset[int]] = {}
        for node in graph.nodes:
            before = frozenset().union(*(self._from[source(reference)[0]] for reference in node.inputs))
            self._from[node.id] = frozenset({places[node.member]}) if isinstance(node, MemberNode) else before
        for node in reversed(graph.nodes):
            own = frozenset({places[node.member]}) if isinstance(node, MemberNode) else self._to.get(node.id, frozenset())
            self._to[node.id] = own
            for reference in node.inputs:
                id = source(reference)[0]
                self._to[id] = self._to.get(id, frozenset()) | own

    def of(self, tail: str, head: str) -> int | None:
        streams = self._from[tail] or self._to[head]
        return next(iter(streams)) if len(streams) == 1 else None
