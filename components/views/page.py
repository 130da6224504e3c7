"""What every page is made of: header, panels, notices, refusals, empty states, the next step."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from html import escape
from typing import Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.views.go_to import go_to

Kind = Literal["good", "busy", "caution", "bad", "idle"]

VERDICT_KINDS: dict[str, Kind] = {
    "healthy": "good",
    "vanishing": "bad",
    "exploding": "bad",
    "not a number": "bad",
    "dead units": "caution",
    "disconnected": "caution",
    "structurally zero": "caution",
    "frozen": "idle",
}
"""How serious a gradient verdict is; the word itself is always shown."""


def emphasised(sentence: str) -> str:
    """The sentence as HTML: everything escaped, then `**words**` set bold."""
    return re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", escape(sentence))


def badge_html(verdict: str) -> str:
    """The verdict as a small outlined word."""
    return f'<span class="badge {VERDICT_KINDS.get(verdict, "idle")}">{escape(verdict)}</span>'


def page_header(title: str, sentence: str) -> None:
    """The page's title, and the one sentence that says what the page answers."""
    st.title(title, anchor=False)
    st.html(f'<p class="lead">{emphasised(sentence)}</p>')


@contextmanager
def panel(title: str = "", *, verdict: str = "", sentence: str = "", key: str = "") -> Iterator[None]:
    """A hairline panel. Without `verdict` the title is small capitals; with it a heading, a badge, and a sentence below.

    `key` tells two panels of one title apart.
    """
    with st.container(border=True, key=f"panel-{key or re.sub('[^a-z0-9]+', '-', title.lower()) or 'untitled'}"):
        if verdict:
            heading = f'<h2 class="panel-heading">{escape(title)} {badge_html(verdict)}</h2>'
            st.html(f'{heading}<p class="quiet">{emphasised(sentence)}</p>')
        elif title:
            st.html(f'<h2 class="panel-title">{escape(title)}</h2>')
        yield


def choices_and_picture(*, key: str, shares: tuple[float, float] = (3, 5)) -> tuple[DeltaGenerator, DeltaGenerator]:
    """Two columns: choices on the left, the picture right and large. On a phone the picture stands first."""
    with st.container(key=f"picture-first-{key}"):
        choices, picture = st.columns(shares)
    return choices, picture


@contextmanager
def empty_state(what: str, why: str) -> Iterator[None]:
    """What is missing and why it is needed; the body holds one primary button and one example."""
    with st.container(border=True, key=f"panel-empty-{re.sub('[^a-z0-9]+', '-', what.lower())}", horizontal_alignment="center"):
        st.html(f'<div class="empty"><h2>{escape(what)}</h2><p>{emphasised(why)}</p></div>')
        with st.container(horizontal=True, horizontal_alignment="center"):
            yield


def on_demand(title: str, *, key: str) -> DeltaGenerator | None:
    """A part of the page that is closed at first: the place to draw on once it was opened, None while it is closed."""
    part = st.expander(title, key=key, on_change="rerun")
    return part if part.open else None


def next_step(label: str, page: str, *, disabled: str = "") -> None:
    """The one primary button of a page: goes to `page`. `disabled` says why it cannot be taken yet."""
    if st.button(label, type="primary", key=f"next-{page}", disabled=bool(disabled)):
        go_to(page)
    if disabled:
        caption(disabled)


def refusal(sentence: str, detail: str = "", *, title: str = "This cannot be done") -> None:
    """A `Refusal` as a person reads it: what happened, and the technical detail one click away. Everything is escaped."""
    st.html(f'<div class="refusal" role="alert"><strong>{escape(title)}</strong><p>{escape(sentence)}</p></div>')
    if detail:
        with st.expander("Technical detail"):
            st.code(detail, language=None, wrap_lines=True)


def notice(sentence: str) -> None:
    """A washed box with an accent edge: what the app did on its own, and why. `**words**` are set bold."""
    st.html(f'<div class="notice">{emphasised(sentence)}</div>')


def status_chip(text: str, kind: Kind) -> None:
    """A dot and a few words: queued, starting, running, cancelling, cancelled, failed, done."""
    st.html(f'<span class="chip {kind}" role="status"><i></i>{escape(text)}</span>', width="content")


def badge(verdict: str) -> None:
    """A gradient verdict as a small outlined word."""
    st.html(badge_html(verdict), width="content")


def statistics(values: Mapping[str, str]) -> None:
    """Big tabular figures in a row, each under its label: `{"epoch": "13 / 20", "time left": "0:09"}`."""
    figures = "".join(f"<div><dt>{escape(label)}</dt><dd>{escape(value)}</dd></div>" for label, value in values.items())
    st.html(f'<dl class="statistics">{figures}</dl>')


def key_values(values: Mapping[str, str]) -> None:
    """A quiet list of settings or facts: name on the left, value on the right."""
    st.html(key_values_html(values))


def key_values_html(values: Mapping[str, str]) -> str:
    """What `key_values` shows, as HTML with everything escaped."""
    rows = "".join(f"<div><dt>{escape(label)}</dt><dd>{escape(value)}</dd></div>" for label, value in values.items())
    return f'<dl class="key-values">{rows}</dl>'


def caption(text: str) -> None:
    """A line of soft ink under a picture."""
    st.html(f'<p class="quiet">{emphasised(text)}</p>')
