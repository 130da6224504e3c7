"""The engine's state in a corner of every page, with the protections that stand around uploaded files."""

from __future__ import annotations

import streamlit as st

from components.engine.protocol import Status
from components.views.page import caption, key_values, status_chip
from components.views.services import engine


def engine_status() -> None:
    """A chip that moves while TensorFlow warms up and stands still afterwards; a click tells more."""
    with st.container(key="engine-status"):
        if engine().status().ready:
            _draw()
        else:
            _wait()


@st.fragment(run_every=1)
def _wait() -> None:
    if engine().status().ready:
        st.rerun()
    _draw()


def _draw() -> None:
    status = engine().status()
    with st.popover(_words(status), key="engine-popover", help="What runs behind the page"):
        status_chip(_words(status), "good" if status.ready else "busy")
        key_values(
            {
                "Workers": str(status.workers),
                "Requests that wait": str(status.waiting),
                "Runs": f"{status.running} at work, {status.queued} in line",
                "Cores": str(status.cores),
                "Around uploaded files": ", ".join(status.sandbox) or "a process of their own, with time and memory limits",
            }
        )
        caption("Uploaded files are scanned first, and opened in these workers only.")


def _words(status: Status) -> str:
    if not status.ready:
        return "Warming up" if status.warming is None else f"Warming up · {status.warming:.0f} s"
    return f"Training · {status.running}" if status.running else "Ready"
