"""A graph, drawn in the browser: pan, zoom, nodes that can be clicked and reached by keyboard."""

from __future__ import annotations

from components.recipe import Document


class GraphNode(Document):
    """What the text alternative says of one node; `id` is its DOT name."""

    id: str
    title: str
    text: str = ""


def graph_view(
    dot: str, *, sentence: str, nodes: tuple[GraphNode, ...] = (), selected: str = "", height: int = 560, key: str = "graph"
) -> str | None:
    """Draws DOT with the vendored Graphviz and returns the id of the node clicked in this run, else None.

    Colours come from the DOT `class` attribute of nodes and edges, so that the drawing follows the theme: `input`, `adapter`,
    `operator`, `output`, and `member member-0` … `member member-5`. A node's first line is its title, further lines are soft.
    `sentence` is read aloud in place of the drawing; `nodes` become a table below it.
    """
    raise NotImplementedError
