"""Several layouts chosen at once, of those that fit; what was chosen is remembered for the session."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from components.fusion.layouts import LAYOUTS


def layout_pills(usable: Sequence[str], proposed: Sequence[str], *, key: str) -> list[str]:
    """The layouts that are chosen: first those of `proposed` that fit, later what was chosen and still fits.

    Where nothing of what was chosen fits any more, those of `proposed` are chosen anew.
    """
    before = st.session_state.get(key, proposed)
    fitting = [name for name in dict.fromkeys(before) if name in usable]
    if before and not fitting:
        fitting = [name for name in dict.fromkeys(proposed) if name in usable]
    st.session_state[key] = fitting
    return st.pills(
        "Layouts",
        usable,
        selection_mode="multi",
        format_func=lambda name: LAYOUTS[name].title,
        key=key,
        persist_state="session",
        label_visibility="collapsed",
    )


def all_that_fit(usable: Sequence[str], chosen: Sequence[str], *, pills: str, key: str) -> None:
    """A button that chooses all of them; `pills` is the key of the layouts' own widget."""
    st.button(
        "All that fit",
        key=key,
        on_click=lambda: st.session_state.update({pills: list(usable)}),
        disabled=len(chosen) == len(usable),
    )
