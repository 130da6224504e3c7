"""What the members do for the layouts of a comparison: their worth, how they differ, and noise on one of them."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from components.recipe import Task
from components.store import Run
from components.training.comparison.report import ComparisonReport
from components.training.comparison.tables import members_csv, pairs_csv
from components.views.comparison_table import score_of
from components.views.downloads import Download, download_row
from components.views.figure_view import show_figures
from components.views.page import caption, notice
from components.views.worth_figures import noise_figure, worth_figure


def members_part(report: ComparisonReport, members: list[str], task: Task, run: Run) -> None:
    """Shapley values and leaving one out, diversity, robustness; `run` is the comparison."""
    key = run.id
    relied = {row.name: row for row in report.contenders if row.reliance}
    if relied:
        if any(round(each.shapley, 3) for row in relied.values() for each in row.reliance):
            show_figures([worth_figure(list(relied.values()), members)], key=f"worth-{key}")
        else:
            notice("No member changes the score of any layout on the test split: every Shapley value is 0.")
        caption(
            "What a member gives is replaced by its mean over the training split, for every set of members; a Shapley value is "
            "the mean of what the score gains when the member is put back, over all orders. They add up to what all bring."
        )
        with st.expander("Without one member: how far the score falls"):
            st.dataframe(
                pd.DataFrame(
                    {"Layout": row.title, **{f"without {each.member}": -each.left_out for each in row.reliance}}
                    for row in relied.values()
                ),
                hide_index=True,
                key=f"left-out-{key}",
            )
        name = st.selectbox(
            "Noise in the layout", list(relied), format_func=lambda name: relied[name].title, key=f"noise-{key}"
        )
        show_figures([noise_figure(relied[name], members, score_of(task))], key=f"noise-figure-{key}")
    if report.pairs:
        st.dataframe(
            pd.DataFrame(
                {
                    "Members": f"{pair.first} and {pair.second}",
                    "Disagreement": pair.disagreement,
                    "Both wrong": pair.double_fault,
                    "Yule's Q": pair.q,
                }
                for pair in report.pairs
            ),
            hide_index=True,
            key=f"pairs-{key}",
            column_config={
                name: st.column_config.NumberColumn(format="%.3f") for name in ("Disagreement", "Both wrong", "Yule's Q")
            },
        )
        caption(
            "How the members' mistakes go together (Kuncheva & Whitaker, 2003): 0 is independent for Q, 1 the same mistakes. "
            f"At least one member is right on **{report.oracle:.1%}** of the test samples: no choice among them does better."
        )
    files = []
    if relied:
        rows = report.contenders
        files.append(Download("Members in layouts (.csv)", f"{run.name}-members.csv", lambda: members_csv(rows), "text/csv"))
    if report.pairs:
        files.append(Download("Pairs (.csv)", f"{run.name}-pairs.csv", lambda: pairs_csv(report.pairs), "text/csv"))
    download_row(files, key=f"members-{key}")
    if not relied and not report.pairs:
        caption("Nothing is known here: measures of diversity are for classes, and a member's worth for up to 6 members.")
