"""Foreign words in our sentences: names from files are made printable and cut before anyone reads them."""

from __future__ import annotations


def shown(name: object, limit: int = 60) -> str:
    """A name as it may stand in a sentence: on one line, without control or direction characters, at most `limit` long."""
    text = "".join(character if character.isprintable() else " " for character in str(name)[: 4 * limit]).strip()
    return text if len(text) <= limit else text[: limit - 1] + "…"
