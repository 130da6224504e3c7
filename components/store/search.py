"""How runs are found: by words of their name, note, layout, members and data, and by their state."""

from __future__ import annotations

from sqlalchemy import ColumnElement, or_

from components.recipe import Recipe
from components.store.tables import runs


def words_of(name: str, note: str, recipe: Recipe) -> str:
    """What a search looks into, in small letters: databases differ in which letters they take for the same."""
    data = recipe.data
    parts = [
        name,
        note,
        recipe.name,
        *((recipe.layout, recipe.layout.replace("-", " ")) if recipe.layout else ()),
        *(text for member in recipe.members for text in (member.name, member.file_name)),
        *((data.file_name, data.target.task) if data else ()),
    ]
    return "\n".join(parts).replace("\0", " ").casefold()


def matches(text: str) -> list[ColumnElement[bool]]:
    """The conditions under which a run is found: each word of the text stands somewhere, or is the run's state."""
    return [
        or_(runs.c.words.contains(word, autoescape=True), runs.c.state == word)
        for word in text.replace("\0", " ").casefold().split()
    ]
