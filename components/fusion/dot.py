"""A picture as DOT, the language of Graphviz."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import graphviz

from components.fusion.drawing import Picture, PictureEdge, PictureNode

MEMBER_COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00")
"""Okabe and Ito's colours, which people with any colour vision tell apart; further members take them again, dashed."""


@dataclass(frozen=True)
class Palette:
    """The colours of a drawing that stands alone. In the app the DOT `class` attributes take the theme's instead."""

    ink: str = "#17212B"
    soft: str = "#5B6670"
    panel: str = "#FFFFFF"


Marks = Mapping[str | tuple[str, str], Mapping[str, str]]
"""Further DOT attributes of nodes, by id, and of edges, by the nodes that they are seen between; `class` is added to theirs."""


def to_dot(
    picture: Picture, unfolded: Collection[str] = (), palette: Palette | None = None, marks: Marks = MappingProxyType({})
) -> str:
    """The DOT text of a picture.

    The flow runs down the page. Nodes and edges bear the classes `input`, `operator`, `adapter`, `output`, or
    `member member-0` … `member-5`. A label's first line is the title. All names are escaped.

    Args:
        picture: What is drawn.
        unfolded: Ids of nodes whose parts are shown in their place.
        palette: Colours; those of the light theme unless given.
        marks: What sets single nodes and edges apart.
    """
    colours = palette or Palette()
    view = _View(picture, frozenset(unfolded))
    dot = graphviz.Digraph(
        "fusion", graph_attr={"bgcolor": "transparent", "rankdir": "TB", "nodesep": "0.35", "ranksep": "0.35"}
    )
    font = {"fontname": "Inter, Helvetica, Arial, sans-serif", "fontsize": "11", "fontcolor": colours.ink}
    dot.attr("node", shape="box", fillcolor=colours.panel, penwidth="1.5", margin="0.16,0.08", **font)
    dot.attr("edge", arrowhead="none", penwidth="2.5")
    _draw(dot, view, None, colours, marks)
    for (tail, head), edges in seen_edges(picture, unfolded).items():
        look = {"class": _class("operator", edges[0].member), **_stroke(edges[0].member, colours.ink, "solid")}
        dot.edge(tail, head, **_marked(look, marks.get((tail, head), {})))
    return str(dot.source)


def seen_edges(picture: Picture, unfolded: Collection[str] = ()) -> dict[tuple[str, str], list[PictureEdge]]:
    """The edges that `to_dot` draws, by the two nodes that they are seen between, with all that each stands for."""
    view = _View(picture, frozenset(unfolded))
    flows: dict[tuple[str, str], list[PictureEdge]] = {}
    for edge in picture.edges:
        tail, head = view.seen(edge.source), view.seen(edge.target)
        if tail != head:
            flows.setdefault((tail, head), []).append(edge)
    return flows


def seen_nodes(picture: Picture, unfolded: Collection[str] = ()) -> list[PictureNode]:
    """The nodes that `to_dot` draws, those whose parts are shown in their place as frames."""
    view = _View(picture, frozenset(unfolded))
    return [node for node in picture.nodes if node.group is None or view.seen(node.id) == node.id]


class _View:
    """Which nodes are seen when some are unfolded."""

    def __init__(self, picture: Picture, unfolded: frozenset[str]) -> None:
        self._nodes = {node.id: node for node in picture.nodes}
        self._parts: dict[str | None, list[str]] = {}
        for node in picture.nodes:
            self._parts.setdefault(node.group, []).append(node.id)
        self._unfolded = unfolded

    def parts(self, group: str | None) -> list[PictureNode]:
        return [self._nodes[id] for id in self._parts.get(group, [])]

    def opened(self, id: str) -> bool:
        return id in self._unfolded and id in self._parts

    def seen(self, id: str) -> str:
        """The node itself, or the outermost of the folded ones that it is a part of."""
        seen, group = id, self._nodes[id].group
        while group is not None:
            seen, group = seen if self.opened(group) else group, self._nodes[group].group
        return seen


def _draw(dot: graphviz.Digraph, view: _View, group: str | None, colours: Palette, marks: Marks) -> None:
    for node in view.parts(group):
        ink = colours.soft if node.kind == "adapter" else colours.ink
        style = "rounded" if view.opened(node.id) else "rounded,filled"
        look = {"class": _class(node.kind, node.member), **_stroke(node.member, ink, style)}
        if view.opened(node.id):
            with dot.subgraph(name=f"cluster_{node.id}") as inner:
                inner.attr(label=graphviz.escape(node.title), id=node.id, fontcolor=colours.soft, **look)
                inner.attr(fontname="Inter, Helvetica, Arial, sans-serif", fontsize="11")
                _draw(inner, view, node.id, colours, marks)
        else:
            lines = [graphviz.escape(line) for line in (node.title, node.subtitle) if line]
            look = _marked({**look, "tooltip": graphviz.escape(node.title)}, marks.get(node.id, {}))
            dot.node(node.id, label=graphviz.nohtml("\\n".join(lines)), id=node.id, **look)


def _marked(look: Mapping[str, str], mark: Mapping[str, str]) -> dict[str, str]:
    return {**look, **mark, "class": " ".join(filter(None, (look["class"], mark.get("class"))))}


def _class(kind: str, member: int | None) -> str:
    return kind if member is None else f"member member-{member % len(MEMBER_COLOURS)}"


def _stroke(member: int | None, ink: str, style: str) -> dict[str, str]:
    if member is None:
        return {"color": ink, "style": style}
    again = ",dashed" if member >= len(MEMBER_COLOURS) else ""
    return {"color": MEMBER_COLOURS[member % len(MEMBER_COLOURS)], "style": style + again}
