"""Reading what lies in `assets/`: read once a process, then kept."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from pathlib import Path

ASSETS = Path(__file__).resolve().parents[2] / "assets"


@cache
def text(name: str) -> str:
    """The text of a file below `assets/`, for example `style.css`."""
    return (ASSETS / name).read_text(encoding="utf-8")


@cache
def data_url(name: str, mime: str) -> str:
    """A binary file below `assets/` as a `data:` address, so that no route is needed to serve it."""
    return f"data:{mime};base64,{b64encode((ASSETS / name).read_bytes()).decode()}"
