"""How much room the app's files take, and a way to clear what nothing needs."""

from __future__ import annotations

import streamlit as st

from components.store.storage import remove_unused, room
from components.views.page import caption, key_values, on_demand
from components.views.services import store

UNITS = ("B", "KB", "MB", "GB", "TB")


def storage() -> None:
    """A part of the page that is closed at first."""
    part = on_demand("Storage", key="storage")
    if part is None:
        return
    with part:
        taken = room(store())
        key_values(
            {
                "Members": size(taken.members),
                "Datasets": size(taken.datasets),
                "Runs": size(taken.runs),
                "Removed members and datasets that runs still need": size(taken.kept),
                "What nothing needs": size(taken.unused),
                "Database, logs and passing files": size(taken.other),
            }
        )
        caption(f"All of it lies in {store().home}.")
        if taken.unused:
            st.button(
                f"Remove what nothing needs ({size(taken.unused)})",
                key="remove-unused",
                on_click=remove_unused,
                args=(store(),),
            )


def size(number: int) -> str:
    """A number of bytes as a person reads it: `1.5 MB`."""
    value, unit = float(number), 0
    while value >= 1000 and unit < len(UNITS) - 1:
        value, unit = value / 1000, unit + 1
    return f"{number} B" if unit == 0 else f"{value:.3g} {UNITS[unit]}"
