"""Recipes open again: those taken away, alone as JSON or in the archive that holds members and data too, and those of runs."""

from __future__ import annotations

import json
from typing import BinaryIO

from pydantic import ValidationError

from components.engine.client import Engine
from components.engine.pairs import kind_of
from components.engine.uploads import take_dataset, take_member
from components.models.scan_container import Archive
from components.recipe import Data, Member, Recipe, Refusal
from components.recipe.wording import shown
from components.store import Run
from components.store.store import Store

RECIPE = "recipe.json"
"""The recipe's name within an archive."""

LARGEST = 1 << 20
"""The most bytes of a recipe."""


def is_recipe(stream: BinaryIO) -> bool:
    """Whether a file is a recipe or an archive with one, told by its content; the stream is left at its start."""
    kind = kind_of(stream)
    try:
        if kind == "zip":
            return RECIPE in Archive(stream).names
        text = stream.read(LARGEST + 1) if kind == "json" else b""
        found = json.loads(text) if 0 < len(text) <= LARGEST else None
        return isinstance(found, dict) and {"version", "members"} <= set(found)
    except (Refusal, ValueError, RecursionError):
        return False
    finally:
        stream.seek(0)


def take_recipe(engine: Engine, store: Store, stream: BinaryIO, file_name: str) -> Recipe:
    """Reads a recipe, and takes in what it names and is not here yet from the archive that it came in.

    Members of an archive are clean files, so what was uploaded under another checksum is a member by the file's own.

    Raises:
        Refusal: when it is no recipe, when a file that it names is neither here nor in the archive, or cannot be opened.
    """
    if kind_of(stream) == "zip":
        archive = Archive(stream)
        if RECIPE not in archive.names:
            raise Refusal(f"{shown(file_name)} holds no {RECIPE}. Open an archive that was downloaded on the Fuse page.")
        recipe = _parsed(archive.read(RECIPE, LARGEST), file_name)
        members = tuple(_member(engine, store, member, archive) for member in recipe.members)
        data = recipe.data and _data(engine, store, recipe.data, archive)
    else:
        recipe = _parsed(stream.read(LARGEST), file_name)
        members, data = recipe.members, recipe.data
    opened = recipe.model_copy(update={"members": members, "data": data})
    _check_files(store, opened, file_name)
    return opened


def open_run(engine: Engine, store: Store, run: Run) -> Recipe:
    """The recipe of a run; members and data that were removed meanwhile are taken in again from what the run has kept.

    Raises:
        Refusal: when a file is not here any more, or lies on another machine.
    """
    recipe = run.recipe
    for member in recipe.members:
        kept = store.blob(member.sha256)
        if not store.has_card(member.sha256) and kept.exists():
            with kept.open("rb") as stream:
                take_member(engine, store, stream, member.file_name)
    if recipe.data is not None and not _has_data(store, recipe.data) and store.blob(recipe.data.sha256).exists():
        with store.blob(recipe.data.sha256).open("rb") as stream:
            take_dataset(engine, store, stream, recipe.data.file_name)
    _check_files(store, recipe, f"The recipe of {run.name}")
    return recipe


def _check_files(store: Store, recipe: Recipe, name: str) -> None:
    absent = [member.file_name for member in recipe.members if not store.has_card(member.sha256)]
    absent += [recipe.data.file_name] if recipe.data and not _has_data(store, recipe.data) else []
    if absent:
        names = ", ".join(f"“{shown(each)}”" for each in absent)
        raise Refusal(f"{shown(name)} names {names}, which is not here. Upload it first, then open the recipe again.")


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
    if store.has_card(member.sha256) or inside not in archive.names:
        return member
    with archive.unpacked(inside) as file:
        facts = take_member(engine, store, file, inside)
    return member.model_copy(update={"sha256": facts.sha256, "file_name": facts.file_name})


def _data(engine: Engine, store: Store, data: Data, archive: Archive) -> Data:
    if _has_data(store, data) or data.file_name not in archive.names:
        return data
    with archive.unpacked(data.file_name) as file:
        facts = take_dataset(engine, store, file, data.file_name)
    return data.model_copy(update={"sha256": facts.sha256})


def _has_data(store: Store, data: Data) -> bool:
    return data.sha256.startswith("example:") or store.has_card(data.sha256)
