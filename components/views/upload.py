"""Uploading: each file is taken on its own, so that one that is refused costs nothing but a sentence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import IO

import streamlit as st

from components.recipe import Refusal
from components.views.page import notice, refusal

File = tuple[IO[bytes], str]
"""An open file and its name."""

Take = Callable[[IO[bytes], str, Sequence[File]], str]
"""Takes an open file, its name, and the files brought beside it; returns a sentence on what came of it, or an empty one;
raises Refusal."""


def upload(label: str, take: Take, *, key: str, doing: str, several: bool = False, only_one: bool = False) -> None:
    """A place to drop files on. What is refused stays listed, with its reason, until it is dismissed.

    Args:
        label: What can be dropped here.
        take: Takes each file.
        key: Tells this place from others.
        doing: What happens to a file while a person waits.
        several: Whether several files can be dropped at once.
        only_one: Whether what is taken here stands in the stead of what was brought before: a file that is taken then takes
            away what was said of files that were dropped before it. Of those dropped with it, what is refused stays.
    """
    state = st.session_state
    state.setdefault(key, {"round": 0, "refused": {}, "notes": {}})
    box = state[key]
    chosen = st.file_uploader(label, accept_multiple_files=several, key=f"{key}-{box['round']}")
    files = chosen if isinstance(chosen, list) else [chosen] if chosen else []
    if files:
        earlier = box["refused"].keys() - {file.name for file in files}
        box["notes"] = {}
        for file in files:
            with st.spinner(f"{file.name}: {doing}", show_time=True):
                box["refused"].pop(file.name, None)
                try:
                    box["notes"][file.name] = take(
                        file, file.name, [(other, other.name) for other in files if other is not file]
                    )
                except Refusal as no:
                    box["refused"][file.name] = (no.sentence, no.detail)
        if only_one and box["notes"]:
            for name in earlier:
                del box["refused"][name]
        # A new key drops the files from memory: they are on disk by now.
        box["round"] += 1
        st.rerun()
    for sentence in filter(None, box["notes"].values()):
        notice(sentence)
    for name, (sentence, detail) in box["refused"].items():
        refusal(sentence, detail, title=f"{name} was not taken")
    if box["refused"]:
        st.button("Dismiss", key=f"{key}-dismiss", on_click=box["refused"].clear)
