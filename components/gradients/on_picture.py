"""A report's gradients at the nodes and along the edges of the picture of the same recipe. Without Keras."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from components.fusion.dot import seen_edges
from components.fusion.drawing import Picture, PictureNode
from components.gradients.report import GradientReport, LayerGradient


@dataclass(frozen=True)
class OnPicture:
    """Norms by node and by edge as they are seen; what is missing has no gradient.

    `nodes` has the norm over all weights that a node, or what is folded into it, holds; `layers` what was measured of them.
    `edges` has the norm of the gradient that comes up between two nodes.
    """

    nodes: Mapping[str, float]
    layers: Mapping[str, tuple[LayerGradient, ...]]
    edges: Mapping[tuple[str, str], float]


def on_picture(picture: Picture, members: Iterable[str], unfolded: Collection[str], report: GradientReport) -> OnPicture:
    """Finds the place of everything that a report measured.

    Args:
        picture: Of the recipe's graph.
        members: The names of the recipe's members, in its order.
        unfolded: Ids of nodes whose parts are shown in their place.
        report: The recipe's gradients.
    """
    holders = {node.id: node.group for node in picture.nodes}
    places = _places(picture.nodes, list(members))
    layers: dict[str, list[LayerGradient]] = {}
    for layer in report.layers:
        for id in places.get(_operation(layer.layer), places.get(_node(layer.layer), ())):
            at: str | None = id
            while at is not None:
                layers.setdefault(at, []).append(layer)
                at = holders[at]
    between: dict[tuple[str, str], float] = {}
    for edge in report.edges:
        for tail in places.get(edge.source, places.get(_node(edge.source), ())):
            for head in places.get(edge.target, places.get(_node(edge.target), ())):
                between[tail, head] = math.hypot(between.get((tail, head), 0.0), edge.norm)
    seen = {
        pair: [between[edge.source, edge.target] for edge in edges if (edge.source, edge.target) in between]
        for pair, edges in seen_edges(picture, unfolded).items()
    }
    norms = {id: [each.norm for each in found if each.norm is not None] for id, found in layers.items()}
    return OnPicture(
        nodes={id: math.hypot(*found) for id, found in norms.items() if found},
        layers={id: tuple(found) for id, found in layers.items()},
        edges={pair: math.hypot(*found) for pair, found in seen.items() if found},
    )


def _places(nodes: Iterable[PictureNode], members: list[str]) -> dict[str, list[str]]:
    """Where each operation of the fused model is shown: a member's layer may be shown twice, cut and whole."""
    places: dict[str, list[str]] = {}
    for node in nodes:
        within = node.layer and node.member is not None
        name = f"{members[node.member or 0]}.{node.layer.replace('/', '.')}" if within else node.id
        places.setdefault(name, []).append(node.id)
    return places


def _operation(path: str) -> str:
    """The operation that holds a layer, as `mlp.attention` holds `mlp.attention/query`."""
    return path.partition("/")[0]


def _node(name: str) -> str:
    """The fusion node whose part is called `<node>.<part>`."""
    return name.partition("/")[0].partition(".")[0]
