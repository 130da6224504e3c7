"""Lessons as one piece of HTML a group: dozens of them stand on a page at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

import streamlit as st

from components.recipe import Document


class Lesson(Document):
    """What a person reads of a layout or operator.

    `chinese` is its usual name in Chinese, `source` its code; each is empty where there is none to show.
    """

    title: str
    chinese: str = ""
    summary: str
    formula: str
    reference: str = ""
    failures: Sequence[str] = ()
    source: str = ""


def lessons(group: Iterable[Lesson]) -> None:
    """Shows lessons one below the other."""
    st.html("".join(map(_lesson, group)))


def _lesson(lesson: Lesson) -> str:
    other = f' <small>in Chinese: <span lang="zh">{escape(lesson.chinese)}</span></small>' if lesson.chinese else ""
    failures = "".join(f"<li>{escape(failure)}</li>" for failure in lesson.failures)
    source = (
        f"<details><summary>The lines that run</summary><pre tabindex=0><code>{escape(lesson.source)}</code></pre></details>"
    )
    return (
        f'<article class="lesson"><h3>{escape(lesson.title)}{other}</h3><p>{escape(lesson.summary)}</p>'
        f"<code>{escape(lesson.formula)}</code>"
        + (f"<ul>{failures}</ul>" if failures else "")
        + (f"<p class='quiet'>{escape(lesson.reference)}</p>" if lesson.reference else "")
        + (source if lesson.source else "")
        + "</article>"
    )
