"""The engine's state in a corner of every page, with the protections that stand around uploaded files."""

from __future__ import annotations

import streamlit as st

from components.engine.protocol import Status
from components.views.page import caption, key_values, status_chip
from components.views.services import status


def engine_status() -> None:
    """A word that moves while TensorFlow warms up and stands still afterwards; a click tells more."""
    with st.container(key="engine-status"):
        if status().ready:
            _draw(status())
        else:
            _wait()


@st.fragment(run_every=1)
def _wait() -> None:
    if status().ready:
        st.rerun()
    _draw(status())


def _draw(now: Status) -> None:
    popover = st.popover(_words(now), key="engine-popover", help="What runs behind the page", on_change="rerun")
    if popover.open:
        with popover:
            status_chip(_words(now), "good" if now.ready else "busy")
            key_values(
                {
                    "Workers": str(now.workers),
                    "Requests that wait": str(now.waiting),
                    "Runs": f"{now.running} at work, {now.queued} in line",
                    "Cores": str(now.cores),
                    "Around uploaded files": ", ".join(now.sandbox) or "a process of their own, with time and memory limits",
                    **({"Your own modules, trusted": ", ".join(now.trusted)} if now.trusted else {}),
                }
            )
            caption("Uploaded files are scanned first, and opened in these workers only.")


def _words(now: Status) -> str:
    if not now.ready:
        return "Warming up" if now.warming is None else f"Warming up · {now.warming:.0f} s"
    return f"Training · {now.running}" if now.running else "Ready"
