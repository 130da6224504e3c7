"""All runs in one table: found, opened, named, noted, compared, deleted."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from components.engine.recipes import open_run
from components.store import Run
from components.views.draft import Draft
from components.views.figure_view import show_figures
from components.views.go_to import go_to
from components.views.page import caption, empty_state, key_values, on_demand, panel
from components.views.row_choice import choose_rows, choosing
from components.views.run_deletion import deletion
from components.views.run_differences import differences, validation_figure
from components.views.run_facts import about, row
from components.views.run_name import name_and_note
from components.views.services import engine, store

MOST_SHOWN = 300
"""Runs in the table at most; a search finds the others."""

MOST_COMPARED = 8
"""Runs whose curves are drawn over each other at most."""


def runs_table(draft: Draft) -> None:
    """The table with its search, and below it what can be done with the rows that are chosen."""
    with panel("Runs"):
        text = st.text_input(
            "Find runs",
            key="find-runs",
            placeholder="Part of a name, layout, member, dataset or note, or a state",
            label_visibility="collapsed",
        )
        runs = store().find_runs(text, MOST_SHOWN + 1)
        if not runs:
            caption("No run has all of these words." if text else "No runs yet.")
            return
        table = pd.DataFrame(row(run) for run in runs[:MOST_SHOWN])
        # Another list of rows is another table, so that no row stays chosen that is not there any more.
        rows = hashlib.sha256(" ".join(run.id for run in runs).encode()).hexdigest()[:12]
        number = st.column_config.NumberColumn
        chosen = choose_rows(
            table,
            key=f"runs-{rows}",
            several=True,
            columns={
                "Started": st.column_config.DatetimeColumn(format="distance"),
                **{name: number(format="%.4g") for name in ("Fused", "Best member", "Plain average")},
                "Seconds": number(format="%.1f"),
                "Note": st.column_config.TextColumn(width="medium"),
            },
        )
        picked = [runs[row] for row in chosen]
        if len(runs) > MOST_SHOWN:
            caption(f"The newest {MOST_SHOWN} are shown; a search finds the others.")
        with st.container(horizontal=True, vertical_alignment="center"):
            if picked:
                _actions(draft, picked)
            else:
                caption(choosing("rows", "open, name, compare or delete runs; click a column to sort by it"))
            # A row of downloads would share the width with what stands before it.
            st.download_button(
                "Table (.csv)",
                lambda: table.to_csv(index=False),
                "runs.csv",
                "text/csv",
                key="runs-csv",
                on_click="ignore",
            )
        if len(picked) == 1:
            key_values(about(picked[0]))
        elif picked:
            _compare(picked[:MOST_COMPARED])


def no_runs() -> None:
    """What stands in place of the table before the first run."""
    with empty_state("No runs yet", "Each training run becomes a row here, with its test scores beside those of its members."):
        if st.button("Train one", type="primary", key="train-one"):
            go_to("train.py")


def _actions(draft: Draft, picked: Sequence[Run]) -> None:
    if len(picked) == 1:
        [run] = picked
        if st.button("Open the run", key="open-run"):
            go_to("train.py", run=run.id)
        if st.button("Open its recipe", key="open-recipe"):
            with st.spinner("Looking for its members and data …"):
                draft.edit(**dict(open_run(engine(), store(), run)))
            go_to("fuse.py")
        name_and_note(run)
    what = "this run" if len(picked) == 1 else f"these {len(picked)} runs"
    deletion(picked, key="runs", what=what, goes="the curves, the model, the note")


def _compare(picked: Sequence[Run]) -> None:
    """Several runs over each other: the settings that differ, and their validation loss."""
    part = on_demand(f"Compare these {len(picked)} runs", key="compare-runs")
    if part is None:
        return
    with part:
        st.dataframe(differences(picked), key="differences")
        show_figures([validation_figure([(run.name, store().curve(run.id).points) for run in picked])], key="over-each-other")
