"""The look in Python: tokens of the two themes, member colours, and the style sheet."""

from __future__ import annotations

from typing import Literal

Appearance = Literal["light", "dark"]


def apply_style() -> None:
    """Puts the style sheet and the font on the page. Call it once per run, in `app.py` right after `st.set_page_config`."""
    raise NotImplementedError


def member_colour(index: int) -> str:
    """The colour of the member at this place in the recipe, as `#rrggbb`; the six colours repeat, dashes tell them apart."""
    raise NotImplementedError


def member_dash(index: int) -> str:
    """The Plotly dash of this member's lines: the second channel beside its colour."""
    raise NotImplementedError
