"""The layers of a member as parts of a picture, with the edges between them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from components.fusion.blocks import paths
from components.fusion.drawing import Picture, PictureEdge, PictureNode
from components.fusion.signals import describe
from components.models.facts import LayerRow, MemberFacts
from components.recipe.wording import shown


@dataclass(frozen=True)
class Layers:
    """The parts of a member's node: `ids` gives each layer's node, `entries` the nodes into which each of its inputs flows."""

    rows: tuple[LayerRow, ...]
    nodes: tuple[PictureNode, ...]
    edges: tuple[PictureEdge, ...]
    ids: Mapping[str, str]
    entries: Mapping[str, tuple[str, ...]]

    def into(self, name: str) -> tuple[str, ...]:
        """The nodes into which an input of the member flows."""
        return self.entries.get(name) or (self.ids[self.rows[0].name],)

    def out_of(self, name: str) -> tuple[str, ...]:
        """The nodes out of which a layer's or a nested model's output flows; the last one where nobody is called so."""
        within = [row for row in self.rows if f"{row.name}/".startswith(f"{name}/")] or [self.rows[-1]]
        fed = {source for row in within for source in row.inputs}
        ends = [row for row in within if row.name not in fed] if fed else within[-1:]
        return tuple(dict.fromkeys(self.ids[row.name] for row in ends))


def member_layers(
    rows: Sequence[LayerRow], id: str, place: int, *, group: str | None, frozen: Collection[str] | None = ()
) -> Layers:
    """The layers of a branch, and a node for each nested model and each block of a long one, of which its layers are parts.

    Args:
        rows: The layers in the order of the flow, one at least.
        id: What all ids begin with.
        place: The member's place in the recipe, for its colour.
        group: The node that they are parts of.
        frozen: Names of layers or nested models that are frozen; None freezes all.
    """
    held = paths(rows)
    inside = Counter(outer for path in held.values() for outer in _around(path))
    ids: dict[str, str] = {}
    groups: dict[str, str | None] = {"": group}
    taken: set[str] = set()
    nodes: list[PictureNode] = []
    for row in rows:
        path = held[row.name]
        for each in _around(path):
            if each not in groups:
                outer, _, name = each.rpartition("/")
                free = groups[each] = _free(f"{id}/{_safe(each)}", taken)
                nodes.append(PictureNode(free, shown(name), f"{inside[each]:,} layers", "member", place, groups[outer]))
        ids[row.name] = _free(f"{id}/{_safe(path)}", taken)
        fixed = frozen is None or any(f"{row.name}/".startswith(f"{name}/") for name in frozen)
        nodes.append(_node(row, ids[row.name], groups[path.rpartition("/")[0]], place, fixed))
    edges, entries = _flows(rows, ids)
    return Layers(tuple(rows), tuple(nodes), tuple(PictureEdge(*edge, place) for edge in edges), ids, entries)


def member_picture(facts: MemberFacts, place: int = 0) -> Picture:
    """The picture of one member from its inputs through all its layers to its outputs; nested models and blocks are folded."""
    nodes = [
        PictureNode(f"input/{_safe(each.name)}", shown(each.name), f"{describe(each.shape)}, {each.dtype}", "input")
        for each in facts.inputs
    ]
    ends = [
        PictureNode(f"output/{_safe(each.name)}", "output", f"{shown(each.name)} · {describe(each.shape)}", "output")
        for each in facts.outputs
    ]
    layers = member_layers(facts.layers, "layer", place, group=None)
    into = [
        PictureEdge(node.id, head, place)
        for node, each in zip(nodes, facts.inputs, strict=True)
        for head in layers.into(each.name)
    ]
    out = [
        PictureEdge(tail, node.id, place)
        for node, each in zip(ends, facts.outputs, strict=True)
        for tail in layers.out_of(each.name)
    ]
    return Picture((*nodes, *layers.nodes, *ends), (*into, *layers.edges, *out))


def before(rows: Sequence[LayerRow], end: str) -> tuple[LayerRow, ...]:
    """The layers that a cut behind this layer or nested model leaves: those from which something flows into it.

    Where it is not known what flows where, all that stand before it. All of them where none is called so.
    """
    places = [place for place, row in enumerate(rows) if f"{row.name}/".startswith(f"{end}/")]
    if not places:
        return tuple(rows)
    kept = rows[: places[-1] + 1]
    if not any(row.inputs for row in rows):
        return tuple(kept)
    needed = {rows[place].name for place in places}
    for row in reversed(kept):
        if row.name in needed:
            needed.update(row.inputs)
    return tuple(row for row in kept if row.name in needed)


def _flows(rows: Sequence[LayerRow], ids: Mapping[str, str]) -> tuple[list[tuple[str, str]], dict[str, tuple[str, ...]]]:
    """The edges between the nodes of layers, and what each input flows into; a chain where earlier cards do not tell."""
    edges: dict[tuple[str, str], None] = {}
    entries: dict[str, dict[str, None]] = {}
    if not any(row.inputs for row in rows):
        for tail, head in pairwise(rows):
            edges[ids[tail.name], ids[head.name]] = None
    for row in rows:
        for name in row.inputs:
            if name in ids:
                edges[ids[name], ids[row.name]] = None
            else:
                entries.setdefault(name, {})[ids[row.name]] = None
    return [edge for edge in edges if edge[0] != edge[1]], {name: tuple(heads) for name, heads in entries.items()}


def _around(path: str) -> list[str]:
    """What holds a layer, from the outermost."""
    *outer, _ = path.split("/")
    return ["/".join(outer[:depth]) for depth in range(1, len(outer) + 1)]


def _node(row: LayerRow, id: str, group: str | None, place: int, frozen: bool) -> PictureNode:
    parts = [row.kind, describe(row.shape)]
    if row.activation and row.activation != "linear":
        parts.append(row.activation)
    if row.parameters:
        parts.append(f"{row.parameters:,} weights")
    if row.parameters and (frozen or not row.trainable):
        parts.append("frozen")
    subtitle = " · ".join(shown(part) for part in parts)
    return PictureNode(id, shown(row.name.rpartition("/")[2]), subtitle, "member", place, group, row.name)


def _safe(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_./-]", "_", name)[:120]


def _free(id: str, taken: set[str]) -> str:
    number, free = 1, id
    while free in taken:
        number += 1
        free = f"{id}-{number}"
    taken.add(free)
    return free
