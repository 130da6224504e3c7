"""Names from uploaded files, made fit to stand in a sentence."""

from __future__ import annotations

import unicodedata


def shown(name: object, length: int = 60) -> str:
    """The name without control or direction characters, cut to `length` characters."""
    text = str(name)[: 4 * length]
    text = "".join(" " if unicodedata.category(character)[0] in "CZ" else character for character in text)
    return text if len(text) <= length else text[: length - 1] + "…"
