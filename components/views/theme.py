"""The look in Python: the tokens of the two themes, the members' colours, and the style sheet they are written into."""

from __future__ import annotations

import streamlit as st

from components.fusion.dot import MEMBER_COLOURS
from components.views import assets

TOKENS: dict[str, tuple[str, str]] = {
    "paper": ("#FBFAF7", "#10171D"),
    "panel": ("#FFFFFF", "#172029"),
    "line": ("#E4E1D9", "#2A3640"),
    "ink": ("#17212B", "#E8EDF0"),
    "soft-ink": ("#5B6670", "#9FB0BA"),
    "accent": ("#0B6E75", "#4FB7B3"),
    "wash": ("#EEF5F4", "#16292E"),
    "good": ("#1B7F4B", "#5CC98F"),
    "caution": ("#A15C00", "#E0A458"),
    "bad": ("#B3261E", "#F2877E"),
    "on-accent": ("#FFFFFF", "#10171D"),
}
"""Each token in the light and in the dark theme. `.streamlit/config.toml` repeats some of them; a test compares the two."""

MEMBER_DASHES = ("dot", "dashdot", "longdash", "longdashdot", "2px,5px", "9px,3px,3px,3px")
"""Plotly dashes, so that colour never says alone whose line it is."""

_FONT_RANGE = (
    "U+0000-00FF, U+0131, U+0152-0153, U+02BB-02BC, U+02C6, U+02DA, U+02DC, U+0304, U+0308, U+0329, U+2000-206F, U+20AC,"
    " U+2122, U+2191, U+2193, U+2212, U+2215, U+FEFF, U+FFFD"
)


def member_colour(index: int) -> str:
    """The colour of the member at this place in the recipe, as `#rrggbb`; after six the colours repeat."""
    return MEMBER_COLOURS[index % len(MEMBER_COLOURS)]


def member_dash(index: int) -> str:
    """The Plotly dash of this member's lines. Shifted by one after six members, so that no pair of colour and dash repeats."""
    return MEMBER_DASHES[(index + index // len(MEMBER_COLOURS)) % len(MEMBER_DASHES)]


def custom_properties() -> str:
    """The tokens as CSS custom properties. `light-dark()` follows the `color-scheme` that Streamlit sets for its theme."""
    tokens = {name: f"light-dark({light}, {dark})" for name, (light, dark) in TOKENS.items()}
    tokens |= {f"member-{index}": colour for index, colour in enumerate(MEMBER_COLOURS)}
    return ":root {" + "".join(f"--{name}: {value};" for name, value in tokens.items()) + "}"


def apply_style() -> None:
    """Puts the style sheet and the font on the page. Call it once per run, in `app.py` right after `st.set_page_config`.

    It is 72 KB, nearly all of it the font, and comes once: Streamlit sends an unchanged message by its hash.
    """
    source = f"url({assets.data_url('fonts/inter-latin.woff2', 'font/woff2')}) format('woff2')"
    face = f"@font-face {{font-family: Inter; font-weight: 100 900; src: {source}; unicode-range: {_FONT_RANGE};}}"
    st.html(f"<style>{face}\n{custom_properties()}\n{assets.text('style.css')}</style>")
    # Dialogs and popovers stand outside of the element to which Streamlit gives the theme's colour scheme.
    st.html(f"<style>:root {{color-scheme: {st.context.theme.type or 'light dark'}}}</style>")
