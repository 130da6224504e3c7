"""Choosing a dataset in the data folder that this computer's configuration names; nothing is shown where it names none."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from components.data.facts import DatasetFacts
from components.engine.data_folder import Found, data_folder, datasets_in, take_path
from components.recipe.wording import shown
from components.views.services import engine, store


@st.cache_data(show_spinner=False, ttl=5)
def _found() -> tuple[Found, ...] | None:
    folder = data_folder(store().home)
    return None if folder is None else datasets_in(folder)


def choose_in_folder(choose: Callable[[DatasetFacts], None]) -> None:
    """A list of what lies in the data folder; what is opened is handed to `choose`.

    Raises:
        Refusal: when what was chosen cannot be opened.
    """
    found = _found()
    if found is None:
        return
    kept = {each.path: each for each in found}
    path = st.selectbox(
        "In your data folder",
        list(kept),
        index=None,
        format_func=lambda path: _label(kept[path]),
        placeholder="Choose a file or a folder of pictures" if kept else "No dataset lies there yet",
        disabled=not kept,
        key="in-folder",
    )
    if st.button("Open it where it lies", disabled=path is None, key="open-in-folder") and path:
        with st.spinner("Reading it once for its checksum, then in a process of its own …", show_time=True):
            dataset = take_path(engine(), store(), path)
        choose(dataset)


def _label(found: Found) -> str:
    if found.kind == "folder":
        return f"{shown(found.path)} · pictures"
    size = found.size / 2**20
    return f"{shown(found.path)} · {f'{size / 1024:.1f} GiB' if size > 1024 else f'{size:.1f} MiB'}"
