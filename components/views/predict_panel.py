"""Predictions of a finished run's model for new data that a person brings."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from components.data.wording import listed
from components.engine.pairs import File
from components.engine.predicting import TABLE, predict_upload
from components.recipe import Data, Input, PictureReading, Refusal
from components.recipe.wording import shown
from components.store.values import Run
from components.training.predicted import Predicted
from components.views.downloads import Download, download_row
from components.views.html_table import table_html
from components.views.page import caption, notice, on_demand, panel, refusal
from components.views.services import engine, store


@st.fragment
def predict_panel(run: Run) -> None:
    """A place to bring new samples, closed at first; the last predictions stay until others take their place."""
    data = run.recipe.data
    if data is None or not (store().run_folder(run.id) / "model.keras").exists():
        return
    with panel("New data", key="predict"):
        part = on_demand("Predict new data", key="predict-new")
        if part is not None:
            with part:
                _bring(run, data)


def _bring(run: Run, data: Data) -> None:
    caption(f"The model takes {' and '.join(map(_wanted, data.inputs))}. Everything is prepared as in training.")
    pictures = isinstance(data.reading, PictureReading)
    files = st.file_uploader(
        "Pictures, or a .zip of them" if pictures else "A table or arrays, as on the Data page; a target is not needed",
        accept_multiple_files=pictures,
        key=f"new-data-{run.id}",
    )
    brought = files if isinstance(files, list) else [files] if files else []
    if st.button("Predict", key="predict", disabled=not brought, type="primary"):
        _predict(run, [(file, file.name) for file in brought])
    kept = st.session_state.get("predicted", {}).get(run.id)
    if isinstance(kept, Refusal):
        refusal(kept.sentence, kept.detail, title="This could not be predicted")
    elif kept is not None:
        _show(run, kept)


def _predict(run: Run, files: Sequence[File]) -> None:
    kept = st.session_state.setdefault("predicted", {})
    with st.spinner("The model predicts in a worker …", show_time=True):
        try:
            kept[run.id], _ = predict_upload(engine(), store(), run, files)
        except Refusal as no:
            kept[run.id] = no


def _show(run: Run, predicted: Predicted) -> None:
    table = store().run_folder(run.id) / TABLE
    for note in predicted.notes:
        notice(note)
    first = "All" if len(predicted.lines) == predicted.samples else f"The first {len(predicted.lines)} of"
    caption(f"{first} {predicted.samples:,} samples.")
    st.html(table_html([shown(each, 24) for each in predicted.headings], predicted.lines, "Predictions"))
    download_row(
        [Download("Predictions (.csv)", f"{run.name}-new-predictions.csv", table.read_bytes, "text/csv")], key="new-predictions"
    )


def _wanted(each: Input) -> str:
    shape = " × ".join(str(axis or "any") for axis in each.shape)
    return f"the columns {listed(each.columns)}" if each.array is None else f"the array {listed([each.array])} of {shape}"
