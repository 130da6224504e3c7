"""A recipe that was taken away opens again: alone as JSON, or from the archive that holds its members and data too."""

from __future__ import annotations

import io
import json
from typing import IO

from pydantic import ValidationError

from components.engine.client import Engine
from components.engine.pairs import kind_of
from components.engine.uploads import take_dataset, take_member
from components.models.scan_container import Archive
from components.recipe import Data, Member, Recipe, Refusal
from components.recipe.wording import shown
from components.store.store import Store

RECIPE = "recipe.json"
"""The recipe's name within an archive."""

LARGEST = 1 << 20
"""The most bytes of a recipe."""


def is_recipe(stream: IO[bytes]) -> bool:
    """Whether a file is a recipe or an archive with one, told by its content; the stream is left at its start."""
    kind = kind_of(stream)
    try:
        if kind == "zip":
            return RECIPE in Archive(io.BytesIO(stream.read())).names
        text = stream.read(LARGEST + 1) if kind == "json" else b""
        found = json.loads(text) if 0 < len(text) <= LARGEST else None
        return isinstance(found, dict) and {"version", "members"} <= set(found)
    except (Refusal, ValueError, RecursionError):
        return False
    finally:
        stream.seek(0)


def take_recipe(engine: Engine, store: Store, stream: IO[bytes], file_name: str) -> Recipe:
    """Reads a recipe, and takes in what it names and is not here yet from the archive that it came in.

    Members of an archive are clean files, so what was uploaded under another checksum is a member by the file's own.

    Raises:
        Refusal: when it is no recipe, when a file that it names is neither here nor in the archive, or cannot be opened.
    """
    if kind_of(stream) == "zip":
        archive = Archive(io.BytesIO(stream.read()))
        if RECIPE not in archive.names:
            raise Refusal(f"{shown(file_name)} holds no {RECIPE}. Open an archive that was downloaded on the Fuse page.")
        recipe = _parsed(archive.read(RECIPE, LARGEST), file_name)
        members = tuple(_member(engine, store, member, archive) for member in recipe.members)
        data = recipe.data and _data(engine, store, recipe.data, archive)
    else:
        recipe = _parsed(stream.read(LARGEST), file_name)
        members, data = recipe.members, recipe.data
    opened = recipe.model_copy(update={"members": members, "data": data})
    absent = [member.file_name for member in opened.members if not _has_member(store, member)]
    absent += [opened.data.file_name] if opened.data and not _has_data(store, opened.data) else []
    if absent:
        names = ", ".join(f"“{shown(name)}”" for name in absent)
        raise Refusal(f"{shown(file_name)} names {names}, which is not here. Upload it first, then open the recipe again.")
    return opened


def _parsed(text: bytes, file_name: str) -> Recipe:
    try:
        return Recipe.model_validate_json(text)
    except ValidationError as error:
        sentence = (
            f"{shown(file_name)} is not a recipe as this app saves it. Choose a .json or .zip downloaded on the Fuse page."
        )
        raise Refusal(sentence, shown(str(error), 500)) from error


def _member(engine: Engine, store: Store, member: Member, archive: Archive) -> Member:
    inside = f"{member.name}.keras"
    if _has_member(store, member) or inside not in archive.names:
        return member
    facts = take_member(engine, store, io.BytesIO(archive.read(inside)), inside)
    return member.model_copy(update={"sha256": facts.sha256, "file_name": facts.file_name})


def _data(engine: Engine, store: Store, data: Data, archive: Archive) -> Data:
    if _has_data(store, data) or data.file_name not in archive.names:
        return data
    facts = take_dataset(engine, store, io.BytesIO(archive.read(data.file_name)), data.file_name)
    return data.model_copy(update={"sha256": facts.sha256})


def _has_member(store: Store, member: Member) -> bool:
    return any(card.sha256 == member.sha256 for card in store.members())


def _has_data(store: Store, data: Data) -> bool:
    return data.sha256.startswith("example:") or any(card.sha256 == data.sha256 for card in store.datasets())
