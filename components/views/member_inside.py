"""What a member is made of: facts, layers, its graph, and Keras' own picture. Closed, it draws nothing."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import streamlit as st

from components.fusion.dot import seen_nodes, to_dot
from components.fusion.member_layers import member_picture
from components.models.facts import MemberFacts
from components.models.settings import MemberSettings
from components.recipe.wording import shown
from components.views.downloads import Download, download_row
from components.views.graph_view import GraphNode, graph_view
from components.views.member_words import fact_table, shape_text
from components.views.page import caption, key_values, on_demand
from components.views.services import plotted_member, rendered, store


def member_inside(facts: MemberFacts, index: int) -> None:
    """An expander with the member's facts, its layers as a table, its graph, and what `plot_model` draws."""
    id = facts.sha256[:12]
    inside = on_demand(f"{len(facts.layers)} layers, graph and facts", key=f"inside-{id}")
    if inside is None:
        return
    with inside:
        names = ["Facts", "Layers", "Graph", "plot_model"]
        tabs = dict(zip(names, st.tabs(names, key=f"inside-tab-{id}", on_change="rerun"), strict=True))
        for name, draw in (("Facts", _facts), ("Layers", _layers), ("Graph", _graph), ("plot_model", _plot_model)):
            if tabs[name].open:
                with tabs[name]:
                    draw(facts, index)


def _facts(facts: MemberFacts, index: int) -> None:
    settings = store().member_settings().get(facts.sha256, MemberSettings())
    added = store().added(facts.sha256)
    zone = st.context.timezone
    key_values(fact_table(facts, settings.classes, added.astimezone(ZoneInfo(zone)) if added and zone else added))


def _layers(facts: MemberFacts, index: int) -> None:
    st.dataframe(
        {
            "layer": [shown(layer.name) for layer in facts.layers],
            "kind": [shown(layer.kind) for layer in facts.layers],
            "shape": [shape_text(layer.shape) for layer in facts.layers],
            "weights": [layer.parameters for layer in facts.layers],
            "activation": [layer.activation or "" for layer in facts.layers],
            "trainable": [layer.trainable for layer in facts.layers],
            "operations": [layer.operations for layer in facts.layers],
            "settings": [shown(layer.settings, 200) for layer in facts.layers],
            "from": [", ".join(map(shown, layer.inputs)) for layer in facts.layers],
        },
        hide_index=True,
    )


def _graph(facts: MemberFacts, index: int) -> None:
    id = facts.sha256[:12]
    unfolded: frozenset[str] = st.session_state.get(f"unfolded-{id}", frozenset())
    dot, nodes, groups = _drawn(facts.sha256, index, unfolded, facts)

    def fold(node: str) -> None:
        if node in groups:
            st.session_state[f"unfolded-{id}"] = unfolded ^ {node}

    sentence = f"{shown(facts.file_name)}: {len(facts.layers)} layers from input to output."
    graph_view(dot, fold, sentence=sentence, nodes=nodes, height=480, key=f"graph-{id}")
    if groups:
        caption("A click on a block or a nested model shows the layers in it; a click on its frame folds it again.")
    formats = ("png", "svg", "pdf")
    download_row(
        [
            *(Download(f.upper(), f"graph.{f}", lambda f=f: rendered(dot, f)) for f in formats),  # type: ignore[misc]
            Download("DOT", "graph.dot", lambda: dot),
        ],
        key=f"graph-{id}",
    )


@st.cache_data(show_spinner=False, max_entries=64)
def _drawn(
    sha256: str, index: int, unfolded: frozenset[str], _facts: MemberFacts
) -> tuple[str, tuple[GraphNode, ...], frozenset[str]]:
    """The DOT of a member's graph, its visible nodes, and the ids of what can be unfolded."""
    drawn = member_picture(_facts, index)
    nodes = tuple(GraphNode(id=node.id, title=node.title, text=node.subtitle) for node in seen_nodes(drawn, unfolded))
    return to_dot(drawn, unfolded), nodes, frozenset(node.group for node in drawn.nodes if node.group)


def _plot_model(facts: MemberFacts, index: int) -> None:
    with st.spinner("Drawing in a worker …", show_time=True):
        picture = plotted_member(facts)
    st.image(picture, caption="The member as Keras' plot_model draws it.")
    download_row([Download("SVG", "plot_model.svg", lambda: picture, "image/svg+xml")], key=f"plot-{facts.sha256[:12]}")
