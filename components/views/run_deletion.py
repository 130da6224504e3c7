"""Runs, comparisons and searches are deleted after a button has said what goes."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from components.store import Run
from components.views.boundary import attempt
from components.views.services import store


def deletion(picked: Sequence[Run], *, key: str, what: str, goes: str, address: str = "") -> None:
    """A button that says what goes before anything is deleted.

    Args:
        picked: What is deleted.
        key: Tells the button from others of the page.
        what: What they are: "this run".
        goes: What they have beside other files: "the curves, the model, the note".
        address: The part of the page's address that names what is deleted; it goes too.
    """
    popover = st.popover("Delete …", key=f"delete-{key}", on_change="rerun", type="tertiary")
    if popover.open:
        with popover:
            named = ", ".join(run.name for run in picked[:5]) + (f" and {len(picked) - 5} more" if len(picked) > 5 else "")
            st.text(f"{named}: {goes} and all other files of {what} go for good.")
            ids = [run.id for run in picked]
            st.button("Delete for good", key=f"delete-{key}-now", on_click=attempt, args=(_delete, ids, address))


def _delete(ids: Sequence[str], address: str) -> None:
    store().remove_runs(ids)
    st.query_params.pop(address, None)
