"""The graph of a fusion with its gradient: nodes tinted by norm, edges as wide as what comes up through them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial

import streamlit as st

from components.fusion.dot import seen_edges, to_dot
from components.fusion.drawing import Picture, PictureNode
from components.fusion.picture import picture
from components.gradients.model_explorer import node_data
from components.gradients.on_picture import OnPicture, on_picture
from components.gradients.report import GradientReport
from components.gradients.tones import PALE, step, tone
from components.models.facts import MemberFacts
from components.recipe import Member, Recipe
from components.views.downloads import Download, download_row
from components.views.gradient_bars import norm_text
from components.views.graph_view import GraphNode, graph_view
from components.views.page import caption
from components.views.services import rendered
from components.views.tones import scale_html

WIDTHS = (1.5, 2.5, 3.5, 5, 6.5, 8, 10, 12, 14)
"""Points that an edge is wide, for each tone of the scale."""

STILL = {"penwidth": "1", "style": "dotted", "class": "still"}
"""An edge through which no gradient comes up."""


def show_gradient_graph(
    recipe: Recipe, members: Sequence[tuple[Member, MemberFacts]], report: GradientReport, exponents: tuple[int, int]
) -> None:
    """Draws the recipe's graph with the report on it; it folds as on the Fuse page. `exponents` is the scale of all layouts."""
    assert recipe.graph is not None
    drawn = picture(recipe.graph, {member.name: (member, facts) for member, facts in members})
    groups = {node.group for node in drawn.nodes}
    unfolded = st.session_state.get("unfolded", set())
    found = on_picture(drawn, [member.name for member, _ in members], unfolded, report)
    ends = {node.id for node in drawn.nodes if node.kind == "output"}
    inner = [pair for pair in seen_edges(drawn, unfolded) if pair[1] not in ends]
    told = Picture(tuple(replace(node, subtitle=box_words(node, found)) for node in drawn.nodes), drawn.edges)

    def fold(node: str) -> None:
        if node in groups:
            st.session_state.unfolded = set(unfolded) ^ {node}

    dot = to_dot(told, unfolded, marks=marks(found, inner, exponents))
    graph_view(
        dot,
        fold,
        sentence=f"{report.title}: how strongly the gradient reaches each node, and comes up through each edge.",
        nodes=[GraphNode(id=node.id, title=node.title, text=_told(node, found)) for node in told.nodes],
        key="gradient-graph",
    )
    st.html(scale_html(exponents, "Norm of the gradient"))
    caption(
        "A box is tinted by the gradient of its weights. A stream is as wide as what comes up through it, dotted for nothing."
    )
    pictures = [
        Download(label=format.upper(), file_name=f"gradients-{report.layout}.{format}", data=partial(rendered, dot, format))
        for format in ("png", "svg", "pdf")
    ]
    explorer = Download(
        label="Model Explorer (.json)",
        file_name=f"gradients-{report.layout}-node-data.json",
        data=partial(node_data, report),
        mime="application/json",
    )
    download_row([*pictures, explorer], key="gradient-graph-downloads")


def marks(
    found: OnPicture, pairs: Iterable[tuple[str, str]], exponents: tuple[int, int]
) -> dict[str | tuple[str, str], Mapping[str, str]]:
    """DOT attributes: tint and ink of each node with a gradient, width of each edge in `pairs`; one without is thin, dotted."""
    made: dict[str | tuple[str, str], Mapping[str, str]] = {}
    for id, norm in found.nodes.items():
        ground, ink = tone(norm, exponents)
        written = "pale" if ink == PALE else "inky"
        made[id] = {"fillcolor": ground, "fontcolor": ink, "class": f"tone-{step(norm, exponents)} {written}"}
    for pair in pairs:
        place = step(found.edges.get(pair, 0.0), exponents)
        made[pair] = {"penwidth": f"{WIDTHS[place]:g}", "class": f"flow-{place}"} if found.edges.get(pair) else STILL
    return made


def box_words(node: PictureNode, found: OnPicture) -> str:
    """The second line of a box: the gradient of its weights, or what it is where it has none."""
    layers = found.layers.get(node.id, ())
    if not layers:
        return node.subtitle
    # A member that learns has frozen parts often enough: statistics of a normalization, or layers chosen to be frozen.
    known = {"healthy", "frozen"} if any(layer.verdict != "frozen" for layer in layers) else {"healthy"}
    verdicts = dict.fromkeys(layer.verdict for layer in layers if layer.verdict not in known)
    norm = norm_text(found.nodes[node.id]) if node.id in found.nodes else ""
    return " · ".join(filter(None, (norm, *verdicts)))


def _told(node: PictureNode, found: OnPicture) -> str:
    """What the text alternative says of a box: its own words, and what comes up to it."""
    up = [f"{norm_text(norm)} from {head}" for (tail, head), norm in found.edges.items() if tail == node.id]
    return f"{node.subtitle}; up to it comes {', '.join(up)}" if up else node.subtitle
