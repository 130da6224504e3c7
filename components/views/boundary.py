"""Where a page's errors end: a person reads a sentence, never a traceback."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import streamlit as st
from pydantic import ValidationError

from components.recipe import Refusal
from components.views.page import refusal

_log = logging.getLogger(__name__)


def run_page(page: Any) -> None:
    """Runs a page of `st.navigation`. What it raises becomes a sentence on the page; a fault of ours is logged too."""
    refused = st.session_state.pop("refused", None)
    if refused:
        refusal(refused.sentence, refused.detail)
    try:
        page.run()
    except Refusal as no:
        refusal(no.sentence, no.detail)
    except Exception as fault:
        _log.exception("A page failed")
        refusal(
            "This page could not be drawn; your members, data and runs are safe. Reload it, and report it if it happens again.",
            f"{type(fault).__name__}: {fault}",
            title="Something went wrong here",
        )


def attempt(function: Callable[..., Any], *arguments: Any) -> None:
    """For callbacks: calls a function; its refusal stands at the head of the page that is drawn next."""
    try:
        function(*arguments)
    except Refusal as no:
        st.session_state.refused = no
    except ValidationError as wrong:
        first = wrong.errors()[0]
        st.session_state.refused = Refusal(f"That value cannot be used: {first['msg'].lower()}. What was there before holds.")
