"""Which rate, and which layout? A search is chosen here, seen while it goes, and its trials open as recipes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

import pandas as pd
import streamlit as st
from pydantic import ValidationError

from components.engine.recipes import open_run
from components.fusion.layouts import LAYOUTS
from components.recipe import Refusal
from components.recipe.search import Method, Over, Search, Setting
from components.recipe.training import Schedule
from components.store import Run
from components.store.values import ENDED
from components.training.metrics import SHOWN
from components.training.search.space import LAYOUT, chosen
from components.training.search.trials import TRIALS, Trials
from components.views.boundary import attempt
from components.views.draft import Draft, branches
from components.views.figure_view import show_figures
from components.views.fitness import usable_layouts
from components.views.page import caption, notice, on_demand, panel, refusal, status_chip
from components.views.run_view import KINDS
from components.views.search_figures import importance_figure, parallel_figure, title_of, value_of
from components.views.services import engine, store

METHODS: dict[Method, str] = {
    "random": "Drawn at random",
    "halving": "Drawn at random, the worst given up early",
    "grid": "Every combination",
}


def search_panel(draft: Draft) -> None:
    """The form of a new search, folded away, and below it the one that the address names."""
    id = st.query_params.get("search")
    run = next((each for each in store().searches() if each.id == id), None) if id else None
    with panel("Which rate, which layout?", key="search"):
        if run is not None:
            _live(run.id) if run.state not in ENDED else _settled(draft, run)
        part = on_demand("Search the settings" if run is None else "Another search", key="new-search")
        if part is not None:
            with part:
                _form(draft)
                _earlier(id)


def _form(draft: Draft) -> None:
    """What is searched: rates, schedules, layouts."""
    try:
        branches(draft.recipe)
        usable = usable_layouts(draft.recipe)
    except Refusal as no:
        caption(no.sentence)
        return
    with st.container(horizontal=True):
        low = st.number_input("Learning rate from", 1e-7, 10.0, 1e-4, format="%g", key="search-low")
        high = st.number_input("Learning rate to", 1e-7, 10.0, 1e-1, format="%g", key="search-high")
    schedules = st.pills(
        "Learning rate over the run", get_args(Schedule), selection_mode="multi", default=["constant"], key="search-schedules"
    )
    mine = draft.recipe.layout if draft.recipe.layout in usable else usable[0]
    layouts = st.multiselect(
        "Layouts", usable, default=[mine], format_func=lambda name: LAYOUTS[name].title, key="search-layouts"
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        method = st.selectbox("Combinations", list(METHODS), format_func=METHODS.__getitem__, key="search-method")
        trials = st.number_input("Trials", 1, 1000, 12, key="search-trials", disabled=method == "grid")
    over = [("learning_rate", (low, high), ()), ("schedule", None, tuple(schedules)), (LAYOUT, None, tuple(layouts))]
    try:
        search = Search(
            method=method,
            trials=trials,
            over=tuple(
                Over(name=name, low=ends[0], high=ends[1]) if ends else Over(name=name, values=values)
                for name, ends, values in over
                if ends or len(values) > 1
            ),
        )
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
        disabled=not layouts,
        on_click=attempt,
        args=(_start, draft, search, layouts[0] if layouts else ""),
    )


def _start(draft: Draft, search: Search, layout: str) -> None:
    recipe, _ = draft.planned(layout)
    run = store().create_run(recipe.model_copy(update={"search": search}))
    engine().submit(run.id)
    st.query_params["search"] = run.id


@st.fragment(run_every=1.0)
def _live(id: str) -> None:
    """Trials as they come; the fragment stops ticking when the search has ended."""
    run = store().run(id)
    if run.state in ENDED:
        st.rerun()
    trials = _trials(run)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        place = store().queue_position(id)
        status_chip(f"queued, {place} in line" if place else run.state, KINDS[run.state])
        with st.container(horizontal=True, width="content"):
            for how, label in (("pause", "Pause"), ("finish", "End with what there is"), ("cancel", "Cancel")):
                st.button(
                    label,
                    key=f"{how}-search",
                    disabled=run.state in ("pausing", "finishing", "cancelling"),
                    on_click=attempt,
                    args=(engine().stop, id, how),
                )
    if trials is None:
        caption("Members and data are being loaded …")
        return
    ended = sum(trial.state != "running" for trial in trials.trials)
    st.progress(min(1.0, ended / trials.search.count), text=f"{ended} of {trials.search.count} trials")
    _show(trials, run)


def _settled(draft: Draft, run: Run) -> None:
    """A search that has ended or was paused: its trials, and what can be done with them."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        status_chip(run.state, KINDS[run.state])
        if run.state != "done":
            st.button("Go on", key="resume-search", on_click=attempt, args=(engine().resume, run.id))
    if run.state == "failed":
        refusal(run.message, run.detail, title="The search failed")
    elif run.message:
        notice(run.message)
    trials = _trials(run)
    if trials is None:
        return
    # A trial that was cut off is tried again when the search goes on.
    trials = trials.model_copy(update={"trials": tuple(trial for trial in trials.trials if trial.state != "running")})
    row = _show(trials, run, choose=True)
    best = trials.best
    with st.container(horizontal=True):
        if best is not None:
            st.button(
                f"Use the best (trial {best.number})",
                type="primary",
                key="use-best",
                on_click=attempt,
                args=(_use, draft, run, best.values),
            )
        picked = trials.trials[row] if row is not None and row < len(trials.trials) else None
        st.button(
            f"Use trial {picked.number}" if picked else "Use the chosen trial",
            key="use-trial",
            disabled=picked is None,
            on_click=attempt,
            args=(_use, draft, run, picked.values if picked else {}),
        )
        st.download_button("Trials (.csv)", trials.table(), f"{run.name}-trials.csv", "text/csv", key="trials-csv")


def _use(draft: Draft, run: Run, values: Mapping[str, Setting]) -> None:
    """The recipe of one trial becomes the draft, ready to train."""
    draft.edit(**dict(chosen(open_run(engine(), store(), run), values)))
    st.toast("The settings of this trial are those of the draft now: look at them on the Train page.")


def _trials(run: Run) -> Trials | None:
    path = store().run_folder(run.id) / TRIALS
    return Trials.model_validate_json(path.read_bytes()) if path.exists() else None


def _show(trials: Trials, run: Run, *, choose: bool = False) -> int | None:
    """Figures and table; the row that was chosen in it."""
    if any(trial.loss is not None for trial in trials.trials):
        show_figures([parallel_figure(trials)], key="parallel", run=run.id)
    if trials.importances:
        show_figures([importance_figure(trials.importances)], key="importances", run=run.id)
    metric = SHOWN[trials.metric].title.capitalize()
    table = pd.DataFrame(
        {
            "Trial": trial.number,
            **{title_of(name): value_of(name, value) for name, value in trial.values.items()},
            "Validation loss": trial.loss,
            metric: trial.metric,
            "Epochs": trial.epochs,
            "Seconds": trial.seconds,
            "State": trial.state,
            "Note": trial.note,
        }
        for trial in trials.trials
    )
    formats = {
        name: st.column_config.NumberColumn(format=format)
        for name, format in {"Validation loss": "%.4g", metric: "%.4g", "Seconds": "%.1f"}.items()
    }
    if not choose:
        st.dataframe(table, hide_index=True, column_config=formats, height=260, key="trials-live")
        return None
    shown = st.dataframe(
        table,
        hide_index=True,
        column_config=formats,
        height=260,
        key="trials",
        on_select="rerun",
        selection_mode="single-row",
    )
    rows = shown["selection"]["rows"]
    return rows[0] if rows else None


def _earlier(id: str | None) -> None:
    earlier = {run.id: run for run in store().searches() if run.id != id}
    if not earlier:
        return
    again = st.selectbox(
        "Earlier searches",
        list(earlier),
        index=None,
        placeholder="Choose a search",
        format_func=lambda each: f"{earlier[each].name} · {earlier[each].state}",
        key="earlier-search",
    )
    if again:
        st.query_params["search"] = again
        st.rerun()
