"""A new search: which rates, schedules, layouts and heads are tried, and how."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

import streamlit as st
from pydantic import ValidationError

from components.fusion.layouts import LAYOUTS
from components.recipe import Refusal
from components.recipe.search import Method, Over, Search, Setting
from components.recipe.training import Schedule
from components.training.search.space import LAYOUT, chosen
from components.views.boundary import attempt
from components.views.draft import Draft
from components.views.fitness import usable_layouts
from components.views.page import caption
from components.views.services import engine, store

HEAD, WIDTHS = "head_width", (0, 16, 32, 64, 128, 256)
"""The option of layouts that end in a head, and the widths that are proposed."""

METHODS: dict[Method, str] = {
    "random": "Drawn at random",
    "halving": "Drawn at random, the worst given up early",
    "grid": "Every combination",
}


def search_form(draft: Draft) -> None:
    """The choice, and the button that starts it; a sentence where nothing can be searched."""
    try:
        usable = usable_layouts(draft.recipe)
    except Refusal as no:
        caption(no.sentence)
        return
    with st.container(horizontal=True):
        low = st.number_input("Learning rate from", 1e-7, 10.0, 1e-4, format="%g", key="search-low")
        high = st.number_input("Learning rate to", 1e-7, 10.0, 1e-1, format="%g", key="search-high")
    layouts = _layouts(draft, usable)
    values = {"schedule": _schedules(draft), LAYOUT: layouts, HEAD: _head_widths(draft, layouts)}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        method = st.selectbox("Combinations", list(METHODS), format_func=METHODS.__getitem__, key="search-method")
        trials = st.number_input("Trials", 1, 1000, 12, key="search-trials", disabled=method == "grid")
    several = [Over(name=name, values=each) for name, each in values.items() if len(each) > 1]
    try:
        search = Search(method=method, trials=trials, over=(Over(name="learning_rate", low=low, high=high), *several))
    except ValidationError:
        caption("The learning rate goes from a lower to a higher number, and at most 1,000 combinations can be tried.")
        return
    settings = draft.recipe.training
    caption(
        f"{search.count} trials of {settings.epochs} epochs each, else as set on the Train page. They are judged by their "
        "lowest validation loss; the test split stays closed."
    )
    st.button(
        "Start the search",
        type="primary",
        key="start-search",
        disabled=not values[LAYOUT],
        on_click=attempt,
        args=(_start, draft, search, {name: each[0] for name, each in values.items() if each}),
    )


def _schedules(draft: Draft) -> tuple[Setting, ...]:
    mine = draft.recipe.training.schedule
    return tuple(
        st.pills(
            "Learning rate over the run", get_args(Schedule), selection_mode="multi", default=[mine], key="search-schedules"
        )
    )


def _layouts(draft: Draft, usable: list[str]) -> tuple[Setting, ...]:
    mine = draft.recipe.layout if draft.recipe.layout in usable else usable[0]
    return tuple(
        st.multiselect("Layouts", usable, default=[mine], format_func=lambda name: LAYOUTS[name].title, key="search-layouts")
    )


def _head_widths(draft: Draft, layouts: tuple[Setting, ...]) -> tuple[Setting, ...]:
    """None where no layout that is searched has a head of its own."""
    if not any(HEAD in LAYOUTS[str(name)].options.model_fields for name in layouts):
        return ()
    mine = draft.recipe.options.get(HEAD, 0)
    return tuple(
        st.pills(
            "Head width",
            sorted({*WIDTHS, mine}),
            selection_mode="multi",
            default=[mine],
            format_func=lambda width: f"{width}" if width else "no hidden layer",
            help="Rectified units of a hidden layer before the output. Layouts without a head of their own stay as they are.",
            key="search-head-widths",
        )
    )


def _start(draft: Draft, search: Search, first: Mapping[str, Setting]) -> None:
    """Starts a search from the draft with the first value of each setting: of what is not searched it is the only one."""
    recipe, _ = draft.planned(str(first[LAYOUT]))
    run = store().create_run(chosen(recipe, first).model_copy(update={"search": search}))
    engine().submit(run.id)
    st.query_params["search"] = run.id
