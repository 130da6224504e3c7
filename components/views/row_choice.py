"""Tables in which a person chooses rows: by the box before a row, or with the keyboard alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
import streamlit as st


def choosing(rows: str, to: str) -> str:
    """The sentence below such a table: `choosing("a row", "use that rule")`."""
    return f"Choose {rows} (on the keyboard with Shift and Space) to {to}."


def choose_rows(
    table: pd.DataFrame,
    *,
    key: str,
    several: bool = False,
    columns: Mapping[str, Any] | None = None,
    on_choice: Callable[[int], None] | None = None,
) -> list[int]:
    """Draws the table.

    Args:
        table: Its rows, as a person reads them; what is missing stays empty.
        key: Tells it from other tables.
        several: Whether more than one row can be chosen.
        columns: How columns look, by their names.
        on_choice: Is handed the place of a row once, before the page is drawn anew, when a person chooses it.

    Returns:
        The places of the rows that are chosen, whatever the table is sorted by.
    """

    def chosen() -> None:
        if on_choice is not None and (rows := st.session_state[key]["selection"]["rows"]):
            on_choice(rows[0])

    shown = st.dataframe(
        table,
        hide_index=True,
        key=key,
        placeholder="",
        column_config=columns,
        on_select=chosen,
        selection_mode="multi-row" if several else "single-row",
    )
    return [row for row in shown["selection"]["rows"] if row < len(table)]
