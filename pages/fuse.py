"""The layout in which the members flow together, and its graph."""

from itertools import groupby

import streamlit as st

from components.fusion.dot import to_dot
from components.fusion.layouts import LAYOUTS
from components.fusion.picture import picture
from components.fusion.plan import plannable
from components.fusion.river import layout_river
from components.fusion.script import write_script
from components.recipe import Refusal
from components.views.downloads import Download, download_row
from components.views.draft import Draft, branches, edited
from components.views.graph_view import GraphNode, graph_view
from components.views.layout_cards import LayoutCard, choose_layout
from components.views.member_card import member_line
from components.views.option_form import option_form
from components.views.page import caption, choices_and_picture, next_step, notice, page_header, panel, refusal
from components.views.services import bound, built, bundled, exported, facts, plotted, rendered

SCALINGS = {"none": "as they are", "unit": "in 0–1", "standard": "mean 0, deviation 1"}

draft = Draft()
page_header("Fuse", "How should these members flow together? Pick a picture; the graph, the script and the checks follow.")
members, data = branches(draft.recipe)


def member_settings():
    """Each member's line with its cut layer, its scaling and whether it is frozen."""
    with panel("Members"):
        for index, (member, known) in enumerate(members):
            member_line(known, index, name=member.name, note="frozen" if member.frozen else "trained")
            popover = st.popover("Cut, scale, freeze", key=f"settings-{member.name}", on_change="rerun")
            if popover.open:
                with popover:
                    branch_settings(member, known)


def branch_settings(member, known):
    """One member's cut layer, its scaling and whether it is frozen."""
    names = [row.name for row in known.cut_layers]
    edited(
        st.selectbox,
        "Cut layer: where its features are taken",
        member.cut_layer or known.cut_layer,
        lambda value: draft.edit_member(member.name, cut_layer=value),
        key=f"cut-{member.name}",
        options=names,
        disabled=not names,
    )
    edited(
        st.selectbox,
        "Its inputs come to it",
        member.scaling,
        lambda value: draft.edit_member(member.name, scaling=value),
        key=f"scaling-{member.name}",
        options=list(SCALINGS),
        format_func=SCALINGS.__getitem__,
    )
    edited(
        st.toggle,
        "Frozen: keeps its weights, statistics and no dropout",
        member.frozen,
        lambda value: draft.edit_member(member.name, frozen=value),
        key=f"frozen-{member.name}",
    )


def layouts(refusals):
    """The picture cards; a layout that cannot be used says why."""
    with panel("Layout"):
        for family, group in groupby(LAYOUTS.values(), key=lambda layout: layout.family):
            caption(family.capitalize())
            cards = [
                LayoutCard(
                    name=layout.name,
                    title=layout.title,
                    svg=layout_river(layout.name),
                    disabled_reason=refusals[layout.name] or "",
                )
                for layout in group
            ]
            choose_layout(cards, draft.recipe.layout or "", choose, key=f"layouts-{family.replace(' ', '-')}")


def choose(layout):
    draft.edit(layout=layout, options={})


def layout_options():
    """What the chosen layout does, its formula and its options; returns the place for what is measured of its start."""
    layout = LAYOUTS[draft.recipe.layout]
    with panel(layout.title):
        caption(" · ".join(filter(None, (layout.formula, layout.reference, layout.chinese))))
        st.write(layout.summary)
        option_form(layout.options, draft.recipe.options, lambda options: draft.edit(options=options), key=layout.name)
        return st.container()


def graph(recipe, plan):
    """The graph, Keras' own picture of it, and the script; all from the same recipe."""
    known = facts(recipe)
    with panel("Graph", key="graph"):
        flow_tab, keras_tab, script_tab = st.tabs(["Flow", "plot_model", "Script"], key="graph-tab", on_change="rerun")
        with flow_tab:
            drawn = picture(recipe.graph, {member.name: (member, facts) for member, facts in members})
            dot = to_dot(drawn, st.session_state.get("unfolded", ()))
            graph_view(
                dot,
                lambda id: fold(id, {node.group for node in drawn.nodes}),
                sentence=sentence(recipe),
                key="flow",
                nodes=tuple(GraphNode(id=node.id, title=node.title, text=node.subtitle) for node in drawn.nodes),
            )
        with keras_tab:
            if keras_tab.open:
                st.image(plotted(recipe), caption="The model as Keras' plot_model draws it.")
        with script_tab:
            if script_tab.open:
                st.code(write_script(recipe, known), language="python", height=520)
        download_row(
            [
                *(
                    Download(
                        label=format.upper(),
                        file_name=f"{recipe.layout}.{format}",
                        data=lambda format=format: rendered(dot, format),
                    )
                    for format in ("png", "svg", "pdf")
                ),
                Download(label="DOT", file_name=f"{recipe.layout}.dot", data=lambda: dot),
                Download(
                    label="Script with members (.zip)",
                    file_name=f"{recipe.layout}.zip",
                    data=lambda: bundled(recipe, write_script(recipe, known)),
                ),
                Download(
                    label="Recipe (.json)", file_name=f"{recipe.layout}.json", data=lambda: recipe.model_dump_json(indent=2)
                ),
                Download(label="Model (.keras)", file_name=f"{recipe.layout}.keras", data=lambda: exported(recipe)),
            ],
            key="graph-downloads",
        )
        if plan.notes:
            notice(" ".join("**{}**{}{}".format(*note.sentence.partition(",")) for note in plan.notes))


def fold(node, groups):
    """Shows a node's parts in its place, or the node again."""
    if node in groups:
        st.session_state.unfolded = set(st.session_state.get("unfolded", ())) ^ {node}


def sentence(recipe):
    """The graph in one sentence, for those who hear it."""
    names = " and ".join(member.name for member in recipe.members)
    return f"{LAYOUTS[recipe.layout].title} of {names}: {len(recipe.graph.nodes)} nodes from input to output."


def measured(recipe, start, size):
    """What the worker found when it built the model; comes after the picture, which needs no worker."""
    with size, st.spinner("Building the model in a worker …", show_time=True):
        model = built(recipe)
    with size:
        caption(f"{model['parameters']:,} weights · {model['trainable']:,} trainable")
    if model["start"]:
        with start:
            notice(model["start"])


refusals = plannable(members, data, bound(data))
if draft.recipe.layout is None:
    # The first that fits, a trained one before others; where none fits, the page says why not.
    draft.edit(layout=next((name for name in ("concatenate", *refusals) if refusals[name] is None), "average"))
choices, drawing = choices_and_picture(key="fuse")
with choices:
    member_settings()
    start = layout_options()
    layouts(refusals)
    with st.container(horizontal=True):
        st.button("Undo", key="undo", on_click=draft.undo, disabled=not st.session_state.past)
        st.button("Redo", key="redo", on_click=draft.redo, disabled=not st.session_state.future)
with drawing:
    try:
        recipe, plan = draft.planned()
        graph(recipe, plan)
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            size = st.container(width="content")
            with st.container(horizontal=True, width="content"):
                if st.button("See gradients", key="see-gradients"):
                    st.switch_page("gradients.py")
                next_step("Train", "train.py")
        measured(recipe, start, size)
    except Refusal as no:
        refusal(no.sentence, no.detail, title=f"{LAYOUTS[draft.recipe.layout].title} cannot be used here")
