"""Gradients along runs: one run layer by layer, several side by side, growing while they train."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from components.gradients.trail import TRAIL
from components.store.values import ENDED
from components.views.gradient_trail import show_by_member, show_gradient_trail
from components.views.page import caption
from components.views.services import store

MOST = 6
"""Runs at most that are shown beside each other."""


def show_runs() -> None:
    """A choice among the runs that train or have recorded their gradients, the newest at first, and what they recorded."""
    runs = {run.id: run for run in store().runs() if run.state not in ENDED or _recorded(run.id)}
    if not runs:
        caption("Every run on the Train page records its gradients; there is none yet.")
        return
    kept = st.session_state.get("trail-runs", list(runs)[:1])
    st.session_state["trail-runs"] = [id for id in kept if id in runs]
    chosen = st.multiselect(
        "Runs", list(runs), format_func=lambda id: runs[id].name, max_selections=MOST, key="trail-runs", persist_state="session"
    )
    if any(runs[id].state not in ENDED for id in chosen):
        _growing(chosen)
    elif len(chosen) == 1:
        show_gradient_trail(runs[chosen[0]])
    else:
        show_by_member([runs[id] for id in chosen])


@st.fragment(run_every=1)
def _growing(chosen: Sequence[str]) -> None:
    """Strips that grow; the fragment stops ticking when all of these runs have ended."""
    runs = [store().run(id) for id in chosen]
    if all(run.state in ENDED for run in runs):
        st.rerun()
    if not any(map(_recorded, chosen)):
        caption("The first steps are still to come.")
    show_by_member(runs)


def _recorded(id: str) -> bool:
    return (store().run_folder(id) / TRAIL).exists()
