"""What can be taken away from a run that has ended."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import streamlit as st

from components.engine.exports import LOGS, MODEL, event_files, export_run, exported, made_event_files
from components.fusion.script import write_notebook
from components.models.exports import EXPORTS
from components.store import Run
from components.views.boundary import attempt
from components.views.downloads import Download, download_row
from components.views.page import caption, on_demand
from components.views.report_download import report_download
from components.views.services import bundled, engine, facts, store

FILES = {
    MODEL: "Model (.keras)",
    "history.csv": "History (.csv)",
    "predictions.csv": "Test predictions (.csv)",
    "recipe.json": "Recipe (.json)",
}
"""What a run leaves in its folder to be taken away as it is."""


def run_downloads(run: Run) -> None:
    """The downloads of a run that has ended."""
    folder = store().run_folder(run.id)
    ready = [
        Download(label=label, file_name=f"{run.name}-{file}", data=(folder / file).read_bytes)
        for file, label in FILES.items()
        if (folder / file).exists()
    ]
    if (folder / "script.py").exists():
        script = (folder / "script.py").read_text(encoding="utf-8")
        ready.append(
            Download(
                "Script with members (.zip)", f"{run.name}-script.zip", lambda: bundled(run.recipe, script), "application/zip"
            )
        )
    if all(store().has_card(member.sha256) for member in run.recipe.members) and run.recipe.data is not None:
        notebook = f"{run.name}.ipynb"
        ready.append(Download("Notebook (.ipynb)", notebook, lambda: write_notebook(run.recipe, facts(run.recipe))))
    if run.result is not None:
        ready.append(report_download(run))
    if ready:
        download_row(ready, key="downloads")
    else:
        caption("This run ended before it left anything.")
    if (folder / MODEL).exists():
        part = on_demand("Other formats", key="other-formats")
        if part is not None:
            with part:
                _other_formats(run)


def _other_formats(run: Run) -> None:
    """A line for each format: made by a worker when it is asked for, and taken away then."""
    for chosen in EXPORTS.values():
        made = exported(store(), run, chosen.name)
        sentence = chosen.missing or (made[1].sentence if made else chosen.sentence)
        name = f"{run.name}-{chosen.name}{chosen.suffix}"
        make = None if chosen.missing else partial(export_run, engine(), store(), run, chosen.name)
        _line(chosen.title, sentence, name, made[0] if made else None, make)
    make = partial(event_files, engine(), store(), run)
    _line("TensorBoard", "The curves as event files.", f"{run.name}-{LOGS}", made_event_files(store(), run), make)


def _line(title: str, sentence: str, name: str, made: Path | None, make: Callable[[], object] | None) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key=f"format-{name}"):
        caption(f"**{title}** · {sentence}")
        if made is not None:
            download_row([Download("Download", name, made.read_bytes)], key=f"made-{name}")
        elif make is not None:
            st.button("Make it", key=f"make-{name}", on_click=_waiting, args=(make,))


def _waiting(make: Callable[[], object]) -> None:
    with st.spinner("A worker writes the file and tries it …", show_time=True):
        attempt(make)
