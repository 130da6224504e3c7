"""Members that were not tried on the data since the app started: a worker tries them while the page stands."""

from __future__ import annotations

import streamlit as st

from components.recipe import Recipe
from components.views.services import try_meanwhile


def try_members(recipe: Recipe) -> None:
    """Draws nothing; once the members were tried the page is drawn anew, and finds what `known_warnings` has to say.

    Stands behind all that asks a worker itself, which would wait for the trial where there is one worker alone.
    """
    if not try_meanwhile(recipe):
        _wait(recipe)


@st.fragment(run_every=0.5)
def _wait(recipe: Recipe) -> None:
    if try_meanwhile(recipe):
        st.rerun()
