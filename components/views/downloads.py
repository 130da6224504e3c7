"""A neat row of download buttons."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from components.recipe import Document


class Download(Document):
    """One file to take away. `data` is called when the button is clicked, so that nothing is built before."""

    label: str
    file_name: str
    data: Callable[[], bytes | str]
    mime: str = "application/octet-stream"


def download_row(downloads: Sequence[Download], *, key: str) -> None:
    """The downloads side by side, wrapping on a narrow screen."""
    raise NotImplementedError
