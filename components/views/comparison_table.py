"""A comparison's leaderboard: a line for each layout, member and the plain average."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from components.recipe import Options, Task
from components.training.comparison.report import ComparisonReport, Contender
from components.training.comparison.tables import leaderboard_csv
from components.views.downloads import Download, download_row
from components.views.page import caption
from components.views.row_choice import choose_rows, choosing

HELP = {
    "± seeds": "Standard deviation of the score over the trainings",
    "95 %": "Interval over the test samples: Wilson's for an accuracy, resampled for R²",
    "Calibration error": "15 bins of equal width",
    "Milliseconds": "One sample: the members one after the other, and what is around them; each compiled for itself",
    "Seconds": "One training; layouts that train together share its time equally",
    "Operations": "Floating-point operations for one sample",
    "Gradient": "The verdict on the layout's gradients before training",
}


def score_of(task: Task) -> str:
    """How the score is called."""
    return {"regression": "R²", "multilabel": "Accuracy of labels"}.get(task, "Accuracy")


def leaderboard(report: ComparisonReport, task: Task, use: Callable[[str, Options], None], *, name: str, key: str) -> None:
    """The rows, best first; `use` is handed the layout and options of a line that a person opens as a recipe.

    `name` is that of the comparison, for its file; `key` tells two leaderboards apart.
    """
    rows = report.contenders
    table = table_of(rows, task)
    chosen = choose_rows(table, key=f"comparison-rows-{key}", columns=_columns(table, task))
    selected = [rows[row] for row in chosen]
    with st.container(horizontal=True, vertical_alignment="center"):
        is_layout = bool(selected) and selected[0].kind == "layout"
        if st.button("Open as a recipe", key=f"use-{key}", disabled=not is_layout):
            use(selected[0].name, selected[0].options)
        file = Download("Table (.csv)", f"{name}-leaderboard.csv", lambda: leaderboard_csv(rows, task), "text/csv")
        download_row([file], key=f"leaderboard-{key}")
    caption(
        f"Judged on {report.samples:,} test samples, each layout with the weights of its best epoch on the validation split. "
        + choosing("a layout's row", "open it as a recipe")
    )


def rows_so_far(report: ComparisonReport, task: Task) -> None:
    """The rows while the comparison is under way: each layout's as its first training ends."""
    table = table_of(report.contenders, task)
    st.dataframe(table, hide_index=True, key="comparison-rows-live", placeholder="", column_config=_columns(table, task))
    caption("Each layout joins the leaderboard when its first training has ended; its score is the mean over those so far.")


def table_of(rows: Sequence[Contender], task: Task) -> pd.DataFrame:
    """The rows as a person reads them; columns that say nothing here are left out."""
    score, loss = score_of(task), "Squared error" if task == "regression" else "Cross-entropy"
    table = pd.DataFrame(
        {
            "Layout or member": row.title,
            score: row.score,
            "95 %": "n/a" if row.low is None or row.high is None else f"{row.low:.3f} – {row.high:.3f}",
            "± seeds": row.deviation,
            loss: row.loss,
            "Calibration error": row.calibration,
            "Weights": row.parameters,
            "Operations": row.operations,
            "Milliseconds": row.latency,
            "Seconds": row.seconds,
            "Gradient": row.verdict,
            "Note": row.note,
        }
        for row in rows
    )
    empty = [name for name in ("± seeds", "Calibration error", "Note") if not table[name].replace("", None).notna().any()]
    return table.drop(columns=empty)


def _columns(table: pd.DataFrame, task: Task) -> dict[str, Any]:
    number, text = st.column_config.NumberColumn, st.column_config.TextColumn
    formats = {
        **dict.fromkeys((score_of(task), "± seeds", "Calibration error"), "%.3f"),
        **dict.fromkeys(("Cross-entropy", "Squared error", "Milliseconds"), "%.4g"),
        "Seconds": "%.1f",
        "Weights": "localized",
        "Operations": "compact",
    }
    return {
        **{name: number(format=form, help=HELP.get(name)) for name, form in formats.items() if name in table},
        **{name: text(help=HELP[name]) for name in ("95 %", "Gradient")},
        "Note": text(width="medium"),
    }
