"""A fused model as a neutral graph, from which pictures and tables are made without Keras."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from components.fusion.inference import Branches, at, cut_row, infer
from components.fusion.operators import OPERATORS
from components.fusion.signals import Signal, describe
from components.models.facts import LayerRow
from components.recipe import AdapterNode, FusionGraph, InputNode, MemberNode, Node, OperatorNode, OutputNode, source
from components.recipe.wording import shown

MOST_LAYERS = 150
"""Of a member with more layers the first and the last are shown, and how many stand between."""


@dataclass(frozen=True)
class PictureNode:
    """One box.

    `id` is the fusion node's id, or `<node>/<layer>` with unsafe characters replaced; it stays the same from run to run.
    `member` is the member's place in the recipe, from 0, for its colour. `group` is the id of the node that this one is a part
    of: parts are shown in place of the whole when it is unfolded.
    """

    id: str
    title: str
    subtitle: str
    kind: Literal["input", "member", "operator", "adapter", "output"]
    member: int | None = None
    group: str | None = None


@dataclass(frozen=True)
class PictureEdge:
    """A flow between two nodes that are parts of the same whole; `member` is the stream whose colour it has, None is ink."""

    source: str
    target: str
    member: int | None = None


@dataclass(frozen=True)
class Picture:
    """Nodes and edges, in the order of the flow."""

    nodes: tuple[PictureNode, ...]
    edges: tuple[PictureEdge, ...]


def picture(graph: FusionGraph, branches: Branches) -> Picture:
    """The picture of a fusion graph.

    A member's layers are listed in the order of the flow; that is the order in which its facts list them, so the edges between
    them show an order and not the branching within the member.

    Raises:
        Refusal: when the graph does not hold together.
    """
    signals = infer(graph, branches)
    places = {name: place for place, name in enumerate(branches)}
    streams = _Streams(graph, places)
    nodes: list[PictureNode] = []
    edges: list[PictureEdge] = []
    for node in graph.nodes:
        place = places[node.member] if isinstance(node, MemberNode) else None
        nodes.append(PictureNode(node.id, _title(node), _subtitle(node, signals, branches), node.kind, place))
        edges += [PictureEdge(id, node.id, streams.of(id, node.id)) for id in (source(ref)[0] for ref in node.inputs)]
        if isinstance(node, MemberNode):
            layers = list(_layers(node, branches, places[node.member]))
            nodes += layers
            edges += _chain(layers, place)
    return Picture(tuple(nodes), tuple(edges))


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


def _layers(node: MemberNode, branches: Branches, place: int) -> Iterator[PictureNode]:
    """The layers of a branch as parts of its node; those of a nested model as parts of a node of its own."""
    member, _ = branches[node.member]
    rows = list(_up_to_cut(node, branches))
    half = MOST_LAYERS // 2
    drawn = rows if len(rows) <= MOST_LAYERS else [*rows[:half], None, *rows[-half:]]
    ids = {"": node.id}
    for row in drawn:
        if row is None:
            yield PictureNode(f"{node.id}/…", "…", f"{len(rows) - 2 * half:,} more layers", "member", place, node.id)
            continue
        *outer, _ = row.name.split("/")
        for depth in range(1, len(outer) + 1):
            path = "/".join(outer[:depth])
            if path not in ids:
                group = ids["/".join(outer[: depth - 1])]
                ids[path] = _free(f"{node.id}/{_safe(path)}", ids)
                inside = sum(each.name.startswith(f"{path}/") for each in rows)
                yield PictureNode(ids[path], shown(outer[depth - 1]), f"{inside:,} layers", "member", place, group)
        ids[row.name] = _free(f"{node.id}/{_safe(row.name)}", ids)
        fixed = member.frozen or any(f"{row.name}/".startswith(f"{name}/") for name in member.frozen_layers)
        yield _layer(row, ids[row.name], ids["/".join(outer)], place, fixed)


def _up_to_cut(node: MemberNode, branches: Branches) -> Iterator[LayerRow]:
    member, facts = branches[node.member]
    row = cut_row(member, facts, node.cut_layer) if node.part == "features" else None
    ends = [place for place, each in enumerate(facts.layers) if row and (each.name + "/").startswith(row.name + "/")]
    yield from facts.layers[: ends[-1] + 1] if ends else facts.layers


def _layer(row: LayerRow, id: str, group: str, place: int, frozen: bool) -> PictureNode:
    parts = [row.kind, describe(row.shape)]
    if row.activation and row.activation != "linear":
        parts.append(row.activation)
    if row.parameters:
        parts.append(f"{row.parameters:,} weights")
    if row.parameters and (frozen or not row.trainable):
        parts.append("frozen")
    subtitle = " · ".join(shown(part) for part in parts)
    return PictureNode(id, shown(row.name.rpartition("/")[2]), subtitle, "member", place, group)


def _chain(layers: list[PictureNode], place: int | None) -> Iterator[PictureEdge]:
    last: dict[str | None, str] = {}
    for layer in layers:
        if layer.group in last:
            yield PictureEdge(last[layer.group], layer.id, place)
        last[layer.group] = layer.id


def _safe(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_./-]", "_", name)[:120]


def _free(id: str, ids: Mapping[str, str]) -> str:
    taken, number, free = set(ids.values()), 1, id
    while free in taken:
        number += 1
        free = f"{id}-{number}"
    return free
