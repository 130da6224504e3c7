"""Where a page's errors end: a person reads a sentence, never a traceback."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st
from pydantic import ValidationError
from sqlalchemy.exc import InterfaceError, OperationalError

from components.recipe import Refusal
from components.store.database import unusable
from components.store.home import home_folder, store_url
from components.views.page import refusal

AWAY = (OperationalError, InterfaceError)
"""What the database raises that is away, full or locked."""


def run_page(*parts: Callable[[], object]) -> None:
    """Draws the parts of a page, one after another. What one of them refuses becomes a sentence in its stead, and the last."""
    refused = st.session_state.pop("refused", None)
    if refused:
        refusal(refused.sentence, refused.detail)
    try:
        for part in parts:
            part()
    except (Refusal, *AWAY) as no:
        say(no)


def say(error: Exception) -> bool:
    """Says what went wrong where nobody caught it: in a page, in a part of it that draws itself again, in a callback.

    Returns:
        True, by which Streamlit, which has logged it, shows nothing of its own.
    """
    if isinstance(error, AWAY):
        error = unusable(store_url(home_folder()), error)
    if isinstance(error, Refusal):
        refusal(error.sentence, error.detail)
    else:
        refusal(
            "This page could not be drawn; your members, data and runs are safe. Reload it, and report it if it happens again.",
            f"{type(error).__name__}: {error}",
            title="Something went wrong here",
        )
    return True


def attempt(function: Callable[..., Any], *arguments: Any) -> None:
    """For callbacks: calls a function; its refusal stands at the head of the page that is drawn next."""
    try:
        function(*arguments)
    except Refusal as no:
        st.session_state.refused = no
    except ValidationError as wrong:
        first = wrong.errors()[0]
        st.session_state.refused = Refusal(f"That value cannot be used: {first['msg'].lower()}. What was there before holds.")
