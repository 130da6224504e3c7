"""Which rate, and which layout? A search is chosen here, seen while it goes, and its trials open as recipes."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from components.engine.recipes import open_run
from components.recipe.search import Setting
from components.store import Run
from components.store.values import ENDED
from components.training.search.space import chosen
from components.training.search.trials import TRIALS, Trials
from components.views.boundary import attempt
from components.views.downloads import Download, download_row
from components.views.draft import Draft
from components.views.page import caption, notice, on_demand, panel, refusal
from components.views.run_controls import CANCEL, StopButton, run_head
from components.views.run_deletion import deletion
from components.views.search_form import search_form
from components.views.search_trials import trials_part
from components.views.services import engine, store

STOPS = (
    StopButton("pause", "Pause", "Trials that have ended are kept; the one under way begins again later"),
    StopButton("finish", "End with what there is", "The best of the trials that have ended is the best of the search"),
    CANCEL,
)


def search_panel(draft: Draft) -> None:
    """The form of a new search, folded away, and below it the one that the address names."""
    id = st.query_params.get("search")
    run = next((each for each in store().searches() if each.id == id), None) if id else None
    with panel("Which rate, which layout?", key="search"):
        if run is not None:
            if run.state in ENDED:
                _settled(draft, run)
                deletion([run], key="search", what="this search", goes="all trials", address="search")
            else:
                _live(run.id)
        part = on_demand("Search the settings" if run is None else "Another search", key="new-search")
        if part is not None:
            with part:
                search_form(draft)
                _earlier(id)


@st.fragment(run_every=1.0)
def _live(id: str) -> None:
    """Trials as they come; the fragment stops ticking when the search has ended."""
    run = store().run(id)
    if run.state in ENDED:
        st.rerun()
    run_head(run, STOPS, key="-search")
    trials = _trials(run)
    if trials is None:
        caption("Members and data are being loaded …")
        return
    _progress(trials)
    trials_part(trials, run)


def _settled(draft: Draft, run: Run) -> None:
    """A search that has ended or was paused: its trials, and what can be done with them."""
    run_head(run, STOPS, key="-search")
    if run.message and run.state == "failed":
        refusal(run.message, run.detail, title="The search failed")
    elif run.message:
        notice(run.message)
    for note in run.result.notes if run.result else ():
        notice(note)
    trials = _trials(run)
    if trials is None:
        return
    if run.state != "done":
        _progress(trials)
    # A trial that was cut off is tried again when the search goes on.
    trials = trials.model_copy(update={"trials": tuple(trial for trial in trials.trials if trial.state != "running")})
    row = trials_part(trials, run, choose=True)
    best = trials.best
    with st.container(horizontal=True):
        if best is not None:
            st.button(
                f"Use the best (trial {best.number})",
                type="primary" if run.state == "done" else "secondary",
                key="use-best",
                on_click=attempt,
                args=(_use, draft, run, best.values),
            )
        picked = None if row is None else trials.trials[row]
        st.button(
            f"Use trial {picked.number}" if picked else "Use the chosen trial",
            key="use-trial",
            disabled=picked is None,
            on_click=attempt,
            args=(_use, draft, run, picked.values if picked else {}),
        )
    files = [Download("Trials (.csv)", f"{run.name}-trials.csv", trials.table, "text/csv")]
    if trials.importances:
        mattered = Download("What mattered (.csv)", f"{run.name}-importances.csv", trials.importance_table, "text/csv")
        files.append(mattered)
    download_row(files, key=f"search-{run.id}")


def _progress(trials: Trials) -> None:
    ended = sum(trial.state != "running" for trial in trials.trials)
    st.progress(min(1.0, ended / trials.search.count), text=f"{ended} of {trials.search.count} trials")


def _use(draft: Draft, run: Run, values: Mapping[str, Setting]) -> None:
    """The recipe of one trial becomes the draft, ready to train."""
    draft.edit(**dict(chosen(open_run(engine(), store(), run), values)))
    st.toast("The settings of this trial are those of the draft now: look at them on the Train page.")


def _trials(run: Run) -> Trials | None:
    path = store().run_folder(run.id) / TRIALS
    return Trials.model_validate_json(path.read_bytes()) if path.exists() else None


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
