"""Foreign words in our sentences: names from files are cut and made printable before anyone reads them."""

from __future__ import annotations

from collections.abc import Iterable


def shown(name: object, limit: int = 60) -> str:
    """A name as it may stand in a sentence: printable, on one line, at most 60 characters."""
    text = "".join(character if character.isprintable() else " " for character in str(name)).strip()
    return text if len(text) <= limit else text[: limit - 1] + "…"


def listed(names: Iterable[object], limit: int = 5) -> str:
    """Names in a row for a sentence: the first five, and how many more there are."""
    names = list(names)
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return ", ".join(f"“{shown(name)}”" for name in names[:limit]) + more
