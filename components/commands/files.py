"""What the command line names, brought into a workbench: members, a dataset, options."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from components.data.binding import propose, target_of
from components.data.unpacked import unpacked_path
from components.data.wording import listed
from components.models.facts import MemberFacts
from components.recipe import Data, Member, Recipe, Refusal
from components.recipe.names import slug, unused
from components.recipe.wording import shown
from components.store import home_folder
from components.store.files import Files

EXAMPLE = "example:"


def paths_of(models: Sequence[Path], data: str | None) -> list[Path]:
    """The files of models and dataset; an example is none.

    Raises:
        Refusal: when one is not there.
    """
    paths = [*models, *([Path(data)] if data and not data.startswith(EXAMPLE) else [])]
    for path in paths:
        if not path.is_file():
            raise Refusal(f"{path} is not a file. Name a model file, or after --data a dataset, that is there.")
    return paths


def read_recipe(path: Path) -> Recipe:
    """A recipe from its file.

    Raises:
        Refusal: when it is none.
    """
    try:
        return Recipe.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise Refusal(f"{path.name} is not a recipe as the app saves it.", str(error)) from error


def places_of(recipe: Path) -> list[Files | Path]:
    """Where the files that a recipe names are looked for: among what was uploaded here, and beside the recipe."""
    return [Files(home_folder()), recipe.parent]


def open_members(paths: Sequence[Path], files: Files) -> list[tuple[Member, MemberFacts]]:
    """Opens model files; members are called after them, each by a name of its own."""
    from components.models.intake import open_member, sha256

    members: list[tuple[Member, MemberFacts]] = []
    for path in paths:
        known = open_member(path, path.name, files.canonical(sha256(path)))
        name = unused(slug(path.name), [member.name for member, _ in members])
        members.append((Member(name=name, sha256=known.sha256, file_name=path.name), known))
    return members


def bind_data(data: str, target: str | None, files: Files, requests: Any, members: Sequence[MemberFacts]) -> Data:
    """Reads a dataset and binds it as the Data page does; without a target, one is proposed.

    Raises:
        Refusal: when it cannot be read, or has no such column.
    """
    if data.startswith(EXAMPLE):
        dataset = requests.example(data.removeprefix(EXAMPLE))
    else:
        path = Path(data)
        with path.open("rb") as stream:
            upload = files.save_upload(stream, path.name)
        asked = (upload.path, upload.file_name, upload.sha256)
        dataset = requests.read_dataset(*asked)
        if dataset is None:
            requests.unpack_dataset(upload.path, upload.file_name, unpacked_path(upload.path, None))
            dataset = requests.read_dataset(*asked)
    if target is None:
        return propose(dataset, members)
    columns = {column.name: column for column in dataset.columns}
    if target not in columns:
        raise Refusal(f"{shown(dataset.file_name)} has no column “{shown(target)}”; it has {listed(columns)}.")
    return propose(dataset, members, target_of(columns[target], members))


def read_option(text: str) -> tuple[str, Any]:
    """`name=value`; the value as JSON where it is some, several values with commas between.

    Raises:
        Refusal: when it is not written so.
    """
    name, equals, value = text.partition("=")
    if not equals:
        raise Refusal(f"An option is written name=value; received “{shown(text)}”.")
    for written in (value, f"[{value}]"):
        with suppress(json.JSONDecodeError):
            return name, json.loads(written)
    return name, value
