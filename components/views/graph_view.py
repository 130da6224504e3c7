"""A graph, drawn in the browser: pan, zoom, nodes that can be clicked and reached by keyboard."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

import streamlit as st

from components.recipe import Document
from components.views import assets, library

_COMPONENT = st.components.v2.component(
    "tributary_graph",
    html=(
        '<div class="graph-view"><div class="drawing" role="group"></div><div class="zoom">'
        '<button type="button" data-zoom="in" aria-label="Zoom into the graph">+</button>'
        '<button type="button" data-zoom="out" aria-label="Zoom out of the graph">−</button>'
        '<button type="button" data-zoom="fit" aria-label="Show the whole graph">fit</button></div></div>\n'
    ),
    css=assets.text("scripts/graph_view.css"),
    js=library.drawing_script("graph"),
)


class GraphNode(Document):
    """What the text alternative says of one node; `id` is its DOT name."""

    id: str
    title: str
    text: str = ""


def words_html(sentence: str, nodes: Sequence[GraphNode]) -> str:
    """The graph as a table. Not `st.table`, which would read a layer's name as Markdown and load pictures it points to."""
    rows = "".join(f'<tr><th scope="row">{escape(node.title)}</th><td>{escape(node.text)}</td></tr>' for node in nodes)
    return f'<table class="words"><caption>{escape(sentence)}</caption>{rows}</table>'


def graph_view(
    dot: str,
    click: Callable[[str], None],
    *,
    sentence: str,
    nodes: Sequence[GraphNode] = (),
    selected: str = "",
    height: int = 560,
    key: str = "graph",
) -> None:
    """Draws DOT with the vendored Graphviz; `click` is handed the id of a node that is clicked, before the page is drawn again.

    Colours come from the DOT `class` attribute of nodes and edges, so that the drawing follows the theme: `input`, `adapter`,
    `operator`, `output` (without a box), and `member member-0` … `member member-5`. A node's first line is its title, further
    lines are soft. A cluster named `cluster_<id>` answers a click with that id.

    `sentence` is read aloud in place of the drawing; `nodes` become a table below it. `height` is in pixels; a graph whose
    words would be too small in it is drawn higher.
    """
    library.mount("graph", key)
    titles = {node.id: ", ".join(filter(None, (node.title, node.text))) for node in nodes}
    data = {"dot": dot, "sentence": sentence, "selected": selected, "titles": titles, "height": height}
    _COMPONENT(key=key, data=data, on_clicked_change=lambda: click(st.session_state[key].clicked))
    if nodes:
        with st.expander("The graph in words"):
            st.html(words_html(sentence, nodes))
