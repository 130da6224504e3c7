"""A neat row of download buttons."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st


@dataclass(frozen=True)
class Download:
    """One file to take away. `data` is called when the button is clicked, so that nothing is built before."""

    label: str
    file_name: str
    data: Callable[[], bytes | str]
    mime: str = "application/octet-stream"


def download_row(downloads: Sequence[Download], *, key: str) -> None:
    """The downloads side by side, wrapping on a narrow screen. A click does not run the page again."""
    with st.container(horizontal=True, gap="small", key=f"downloads-{key}"):
        for download in downloads:
            st.download_button(
                download.label,
                download.data,
                download.file_name,
                download.mime,
                key=f"{key}-{download.file_name}",
                on_click="ignore",
            )
