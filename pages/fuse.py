"""The layout in which the members flow together, and its graph."""

import streamlit as st

from components.fusion.layouts import LAYOUTS
from components.recipe import Refusal
from components.views.branch_settings import branch_settings
from components.views.draft import Draft, branches
from components.views.fitness import fitness
from components.views.go_to import go_to
from components.views.graph_panel import graph_panel
from components.views.layout_choice import layout_choice, layout_table
from components.views.leaderboard_view import leaderboard_table
from components.views.member_trials import try_members
from components.views.merge_panel import merge_panel
from components.views.option_form import option_form
from components.views.page import caption, choices_and_picture, next_step, notice, on_demand, page_header, panel, refusal
from components.views.services import built, known_warnings, leaderboard

draft = Draft()
page_header("Fuse", "How should these members flow together? Pick a picture; the graph, the script and the checks follow.")
members, data = branches(draft.recipe)


def choose(layout, options=None):
    draft.edit(layout=layout, options=options or {})


def layout_options():
    """What the chosen layout does, its formula and its options; returns the place for what is measured of its start."""
    layout = LAYOUTS[draft.recipe.layout]
    with panel(layout.title):
        in_chinese = f"in Chinese: {layout.chinese}" if layout.chinese else ""
        caption(" · ".join(filter(None, (layout.formula, layout.reference, in_chinese))))
        st.write(layout.summary)
        option_form(layout.options, draft.recipe.options, lambda options: draft.edit(options=options), key=layout.name)
        return st.container()


def looked_into():
    """What is worth a look beside the graph; what lies in a closed part is not computed."""
    if part := on_demand("Which layouts can I use?", key="layout-table"):
        with part:
            layout_table(usable, choose)
    if part := on_demand("Try without training: every rule on the validation split", key="untrained"):
        with part:
            with st.spinner("Every member predicts the validation split once, in a worker …", show_time=True):
                entries = leaderboard(draft.recipe)
            leaderboard_table(entries, data.target.task, choose)
    if part := on_demand("Weight space: merge members of one architecture into one model", key="weight-space"):
        with part:
            merge_panel(draft)


def measured(recipe, start, size):
    """What the worker found when it built the model; comes after the picture, which needs no worker."""
    with size, st.spinner("Building the model in a worker …", show_time=True):
        model = built(recipe)
    with size:
        caption(f"{model['parameters']:,} weights · {model['trainable']:,} trainable")
    with start:
        for sentence in filter(None, (model["start"], *model["notes"])):
            notice(sentence)


usable = fitness(draft.recipe)
if draft.recipe.layout is None:
    # The first that fits, a trained one before others; where none fits, the page says why not.
    choose(next((name for name in ("concatenate", *usable) if usable[name].refusal is None), "average"))
choices, drawing = choices_and_picture(key="fuse")
with choices:
    with panel("Members"):
        for index, (member, known) in enumerate(members):
            branch_settings(draft, member, known, index)
    start = layout_options()
    layout_choice(usable, draft.recipe.layout, choose)
    with st.container(horizontal=True):
        st.button("Undo", key="undo", on_click=draft.undo, disabled=not st.session_state.past)
        st.button("Redo", key="redo", on_click=draft.redo, disabled=not st.session_state.future)
with drawing:
    try:
        recipe, plan = draft.planned()
        graph_panel(recipe, plan, members)
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            size = st.container(width="content")
            with st.container(horizontal=True, width="content"):
                if st.button("See gradients", key="see-gradients"):
                    go_to("gradients.py")
                next_step("Train", "train.py")
        for warning in known_warnings(recipe):
            notice(warning)
        looked_into()
        measured(recipe, start, size)
        try_members(recipe)
    except Refusal as no:
        refusal(no.sentence, no.detail, title=f"{LAYOUTS[draft.recipe.layout].title} cannot be used here")
