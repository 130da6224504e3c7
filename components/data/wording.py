"""Rows of foreign names in our sentences."""

from __future__ import annotations

from collections.abc import Iterable

from components.recipe.wording import shown


def listed(names: Iterable[object], limit: int = 5) -> str:
    """Names in a row for a sentence: the first five, and how many more there are."""
    names = list(names)
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return ", ".join(f"“{shown(name)}”" for name in names[:limit]) + more
