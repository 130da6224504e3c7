"""The graph of a fusion, Keras' own picture of it, the script, and all of them to take away."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from components.fusion.dot import to_dot
from components.fusion.layouts import LAYOUTS
from components.fusion.picture import picture
from components.fusion.plan import Plan
from components.fusion.script import write_notebook, write_script
from components.models.facts import MemberFacts
from components.recipe import Member, Recipe
from components.views.downloads import Download, download_row
from components.views.graph_view import GraphNode, graph_view
from components.views.page import notice, panel
from components.views.services import bundled, exported, facts, plotted, rendered


def graph_panel(recipe: Recipe, plan: Plan, members: Sequence[tuple[Member, MemberFacts]]) -> None:
    """Everything that is drawn or written of one recipe; what lies in a closed tab is not made."""
    known = facts(recipe)
    with panel("Graph", key="graph"):
        flow_tab, keras_tab, script_tab = st.tabs(["Flow", "plot_model", "Script"], key="graph-tab", on_change="rerun")
        with flow_tab:
            dot = _flow(recipe, members)
        with keras_tab:
            if keras_tab.open:
                st.image(plotted(recipe), caption="The model as Keras' plot_model draws it.")
        with script_tab:
            if script_tab.open:
                st.code(write_script(recipe, known), language="python", height=520)
        download_row(_downloads(recipe, known, dot), key="graph-downloads")
        if plan.notes:
            notice(" ".join("**{}**{}{}".format(*note.sentence.partition(",")) for note in plan.notes))


def _flow(recipe: Recipe, members: Sequence[tuple[Member, MemberFacts]]) -> str:
    assert recipe.graph is not None
    drawn = picture(recipe.graph, {member.name: (member, facts) for member, facts in members})
    groups = {node.group for node in drawn.nodes}
    dot = to_dot(drawn, st.session_state.get("unfolded", ()))

    def fold(node: str) -> None:
        if node in groups:
            st.session_state.unfolded = set(st.session_state.get("unfolded", ())) ^ {node}

    names = " and ".join(member.name for member in recipe.members)
    graph_view(
        dot,
        fold,
        sentence=f"{_title(recipe)} of {names}: {len(recipe.graph.nodes)} nodes from input to output.",
        key="flow",
        nodes=tuple(GraphNode(id=node.id, title=node.title, text=node.subtitle) for node in drawn.nodes),
    )
    return dot


def _downloads(recipe: Recipe, known: dict[str, MemberFacts], dot: str) -> list[Download]:
    name = recipe.layout or "fusion"
    pictures = [
        Download(label=format.upper(), file_name=f"{name}.{format}", data=partial(rendered, dot, format))
        for format in ("png", "svg", "pdf")
    ]
    return [
        *pictures,
        Download(label="DOT", file_name=f"{name}.dot", data=lambda: dot),
        Download(label="Notebook (.ipynb)", file_name=f"{name}.ipynb", data=lambda: write_notebook(recipe, known)),
        Download(
            label="Script with members (.zip)",
            file_name=f"{name}.zip",
            data=lambda: bundled(recipe, write_script(recipe, known)),
        ),
        Download(label="Recipe (.json)", file_name=f"{name}.json", data=lambda: recipe.model_dump_json(indent=2)),
        Download(label="Model (.keras)", file_name=f"{name}.keras", data=lambda: exported(recipe)),
    ]


def _title(recipe: Recipe) -> str:
    return LAYOUTS[recipe.layout].title if recipe.layout in LAYOUTS else "A fusion"
