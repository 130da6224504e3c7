"""A run's name and note, by hand."""

from __future__ import annotations

import streamlit as st

from components.store import Run
from components.store.run_list import NAME_LENGTH, NOTE_LENGTH
from components.views.draft import edited
from components.views.services import store


def name_and_note(run: Run) -> None:
    """A button that opens the two fields."""
    popover = st.popover("Name, note", key=f"describe-{run.id}", on_change="rerun")
    if not popover.open:
        return
    with popover:
        edited(
            st.text_input,
            "Name",
            run.name,
            lambda name: store().rename_run(run.id, name),
            key=f"name-{run.id}",
            max_chars=NAME_LENGTH,
        )
        edited(
            st.text_area,
            "Note",
            run.note,
            lambda note: store().keep_note(run.id, note),
            key=f"note-{run.id}",
            max_chars=NOTE_LENGTH,
            placeholder="What was tried, and what came of it",
        )
