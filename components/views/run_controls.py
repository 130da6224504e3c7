"""What a person can do with a run: pause it, resume it, end it with its best weights, or cancel it."""

from __future__ import annotations

import streamlit as st

from components.engine.resuming import can_resume
from components.store import Run
from components.views.boundary import attempt
from components.views.services import engine, store


def stop_buttons(run: Run) -> None:
    """For a run that waits or is at work."""
    asked = run.state in ("pausing", "finishing", "cancelling")
    stop = engine().stop
    st.button(
        "Pause",
        key="pause",
        shortcut="P",
        disabled=asked,
        on_click=attempt,
        args=(stop, run.id, "pause"),
        help="Nothing is lost: the run goes on later with the next step",
    )
    st.button(
        "Stop and keep best",
        key="finish",
        shortcut="B",
        disabled=asked or not run.steps,
        on_click=attempt,
        args=(stop, run.id, "finish"),
        help="Ends the run with the weights of its best epoch, and scores them",
    )
    st.button("Cancel", key="cancel", disabled=run.state == "cancelling", on_click=attempt, args=(stop, run.id, "cancel"))


def resume_button(run: Run) -> None:
    """For a run that was stopped or cut off and can go on; nothing for others."""
    if can_resume(store(), run):
        st.button("Resume", key="resume", shortcut="P", type="primary", on_click=attempt, args=(engine().resume, run.id))
