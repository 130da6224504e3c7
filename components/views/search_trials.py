"""The trials of a search: as lines across their settings, by what mattered, and in a table."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from components.store import Run
from components.training.metrics import SHOWN
from components.training.search.trials import Trials
from components.views.figure_view import show_figures
from components.views.page import caption
from components.views.row_choice import choose_rows, choosing
from components.views.search_figures import importance_figure, parallel_figure, title_of, value_of


def trials_part(trials: Trials, run: Run, *, choose: bool = False) -> int | None:
    """Figures and table; with `choose` the row that a person has chosen in it."""
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
    if "Note" in table and not table["Note"].any():
        table = table.drop(columns="Note")
    formats = {
        name: st.column_config.NumberColumn(format=format)
        for name, format in {"Validation loss": "%.4g", metric: "%.4g", "Seconds": "%.1f"}.items()
    }
    if not choose:
        st.dataframe(table, hide_index=True, column_config=formats, key="trials-live", placeholder="")
        return None
    rows = choose_rows(table, key=f"trials-{run.id}", columns=formats)
    caption(choosing("a row", "use the settings of that trial"))
    return rows[0] if rows else None
