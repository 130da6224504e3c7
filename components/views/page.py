"""What every page is made of: header, panels, notices, refusals, empty states, the next step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Literal

Kind = Literal["good", "busy", "caution", "bad", "idle"]


def page_header(title: str, sentence: str) -> None:
    """The page's title, and the one sentence that says what the page answers."""
    raise NotImplementedError


@contextmanager
def panel(title: str = "", *, verdict: str = "", sentence: str = "", key: str = "") -> Iterator[None]:
    """A hairline panel. Without `verdict` the title is small capitals; with it a heading, a badge, and a sentence below.

    `key` tells two panels of one title apart.
    """
    raise NotImplementedError
    yield


@contextmanager
def empty_state(what: str, why: str) -> Iterator[None]:
    """What is missing and why it is needed; the body holds one primary button and one example."""
    raise NotImplementedError
    yield


def next_step(label: str, page: str, *, disabled: str = "") -> None:
    """The one primary button of a page: goes to `page`. `disabled` says why it cannot be taken yet."""
    raise NotImplementedError


def refusal(sentence: str, detail: str = "", *, title: str = "This cannot be done") -> None:
    """A `Refusal` as a person reads it: what happened, and the technical detail one click away. Everything is escaped."""
    raise NotImplementedError


def notice(sentence: str) -> None:
    """A washed box with an accent edge: what the app did on its own, and why. `**words**` are set bold."""
    raise NotImplementedError


def status_chip(text: str, kind: Kind) -> None:
    """A dot and a few words: queued, starting, running, cancelling, cancelled, failed, done."""
    raise NotImplementedError


def badge(verdict: str) -> None:
    """A gradient verdict as a small outlined word."""
    raise NotImplementedError


def statistics(values: Mapping[str, str]) -> None:
    """Big tabular figures in a row, each under its label: `{"epoch": "13 / 20", "time left": "0:09"}`."""
    raise NotImplementedError


def key_values(values: Mapping[str, str]) -> None:
    """A quiet list of settings or facts: name on the left, value on the right."""
    raise NotImplementedError


def caption(text: str) -> None:
    """A line of soft ink under a picture."""
    raise NotImplementedError
