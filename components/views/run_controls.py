"""The head of a run: how it stands, and what a person can do with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from components.engine.resuming import can_resume
from components.store import Run
from components.store.values import ENDED, STOPPING, Stop
from components.views.boundary import attempt
from components.views.page import status_chip
from components.views.run_view import KINDS
from components.views.services import engine, store


@dataclass(frozen=True)
class StopButton:
    """One way to stop a run. `shortcut` is a key, for the one run of a page."""

    how: Stop
    label: str
    help: str | None = None
    shortcut: str | None = None


CANCEL = StopButton("cancel", "Cancel")

RUN_STOPS = (
    StopButton("pause", "Pause", "Nothing is lost: the run goes on later with the next step", "P"),
    StopButton("finish", "Stop and keep best", "Ends the run with the weights of its best epoch, and scores them", "B"),
    CANCEL,
)
"""For a run that trains one model."""

REST_SECONDS = 2.0
"""How often a tab looks whether a run that had stopped goes on."""


def run_head(run: Run, stops: Sequence[StopButton], *, key: str = "") -> None:
    """State and place in the line; while it waits or is at work the ways to stop it, later the way to resume it.

    `key` tells the buttons of two runs on one page apart.
    """
    resumable = run.state in ENDED and can_resume(store(), run)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        place = store().queue_position(run.id)
        status_chip(f"queued, {place} in line" if place else run.state, KINDS[run.state])
        with st.container(horizontal=True, width="content"):
            if run.state not in ENDED:
                for stop in stops:
                    _stop_button(run, stop, key)
            elif resumable:
                st.button(
                    "Resume",
                    key=f"resume{key}",
                    shortcut=stops[0].shortcut,
                    type="primary",
                    on_click=attempt,
                    args=(engine().resume, run.id),
                )
    if resumable:
        _at_rest(run.id)


@st.fragment(run_every=REST_SECONDS)
def _at_rest(run_id: str) -> None:
    """Looks now and then whether a run that had stopped was resumed or deleted in another tab: then the page is drawn anew."""
    if run_id not in store().run_ids() or store().run(run_id).state not in ENDED:
        st.rerun()


def _stop_button(run: Run, stop: StopButton, key: str) -> None:
    """Once asked, a run can only be cancelled; what is to end with its best needs something to end with."""
    asked = run.state == STOPPING["cancel"] if stop.how == "cancel" else run.state in STOPPING.values()
    st.button(
        stop.label,
        key=f"{stop.how}{key}",
        shortcut=stop.shortcut,
        disabled=asked or (stop.how == "finish" and not run.steps),
        on_click=attempt,
        args=(engine().stop, run.id, stop.how),
        help=stop.help,
    )
