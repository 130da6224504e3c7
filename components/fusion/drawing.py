"""A graph as it is drawn: plain values between what a model is and every picture of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class PictureNode:
    """One box.

    `id` is the fusion node's id, or `<node>/<layer>` with unsafe characters replaced; it stays the same from run to run.
    `member` is the member's place in the recipe, from 0, for its colour. `group` is the id of the node that this one is a part
    of: parts are shown in place of the whole when it is unfolded. `layer` is the layer of the member that it shows, empty for
    what is none.
    """

    id: str
    title: str
    subtitle: str
    kind: Literal["input", "member", "operator", "adapter", "output"]
    member: int | None = None
    group: str | None = None
    layer: str = ""


@dataclass(frozen=True)
class PictureEdge:
    """A flow between two nodes without parts; where those are folded away it is seen between the nodes that hold them.

    `member` is the stream whose colour it has, None is ink.
    """

    source: str
    target: str
    member: int | None = None


@dataclass(frozen=True)
class Picture:
    """Nodes and edges, in the order of the flow."""

    nodes: tuple[PictureNode, ...]
    edges: tuple[PictureEdge, ...]
