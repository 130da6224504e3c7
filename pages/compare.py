"""All runs side by side."""

import pandas as pd
import streamlit as st

from components.fusion.layouts import LAYOUTS
from components.store.values import Run
from components.training.metrics import SHOWN
from components.views.draft import Draft
from components.views.page import caption, empty_state, page_header, panel
from components.views.services import store

draft = Draft()


def row(run: Run) -> dict[str, object]:
    """A run's line in the table: test scores of the fused model, the best member and the plain average."""
    tested = [score for score in run.result.scores if score.split == "test"] if run.result else []
    metric = SHOWN[run.result.metric] if run.result else None

    def reached(kind: str) -> float | None:
        values = [score.metric for score in tested if score.kind == kind and score.metric is not None]
        return (max if metric and metric.higher_is_better else min)(values, default=None)

    return {
        "Run": run.name,
        "Layout": LAYOUTS[run.recipe.layout].title if run.recipe.layout in LAYOUTS else run.recipe.layout,
        "Members": " + ".join(member.name for member in run.recipe.members),
        "Data": run.recipe.data.file_name if run.recipe.data else "",
        "State": run.state,
        "Metric": metric.title if metric else "",
        "Fused": reached("fused"),
        "Best member": reached("member"),
        "Plain average": reached("average"),
        "Seconds": run.result.seconds if run.result else None,
    }


page_header("Compare", "Which layout did best on the test split, and what did each member reach alone?")
runs = [run for run in store().runs() if not run.recipe.is_single]
if not runs:
    with empty_state("No runs yet", "Each training run becomes a row here, with its test scores beside those of its members."):
        if st.button("Train one", type="primary", key="train-one"):
            st.switch_page("train.py")
else:
    with panel("Runs"):
        table = pd.DataFrame(row(run) for run in runs)
        chosen = st.dataframe(table, hide_index=True, on_select="rerun", selection_mode="single-row", key="runs")
        caption("Click a column to sort by it; choose a row to open that run or its recipe.")
        selected = chosen["selection"]["rows"]
        with st.container(horizontal=True):
            if st.button("Open the run", disabled=not selected, key="open-run"):
                st.switch_page("train.py", query_params={"run": runs[selected[0]].id})
            if st.button("Open its recipe", disabled=not selected, key="open-recipe"):
                draft.edit(**dict(runs[selected[0]].recipe))
                st.switch_page("fuse.py")
            st.download_button("Table (.csv)", table.to_csv(index=False), "runs.csv", "text/csv", key="runs-csv")
