"""The commands that list layouts and write recipes."""

from __future__ import annotations

import argparse
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from components.data.binding import propose, target_of
from components.data.stand_in import stand_in
from components.data.wording import listed
from components.engine.workbench import workbench
from components.fusion.layouts import LAYOUTS
from components.fusion.plan import plan
from components.models.facts import MemberFacts
from components.recipe import Data, Member, Options, Recipe, Refusal
from components.recipe.names import slug, unused
from components.recipe.wording import shown
from components.store import home_folder
from components.store.files import Files

EXAMPLE = "example:"


def layouts(arguments: argparse.Namespace) -> None:
    """Lists the layouts, what each does, and its options."""
    if arguments.json:
        print(json.dumps([_layout(name) for name in LAYOUTS], indent=2, ensure_ascii=False))
        return
    for layout in LAYOUTS.values():
        print(f"{layout.name:<26} {layout.family:<14} {layout.summary}")
        for name, field in layout.options.model_fields.items():
            print(f"{'':<26} {f'--option {name}=…':<14} {field.description or ''} Default: {field.default!r}.")


def schema(arguments: argparse.Namespace) -> None:
    """Prints the JSON schema of recipes."""
    print(json.dumps(Recipe.model_json_schema(), indent=2))


def recipe(arguments: argparse.Namespace) -> None:
    """Writes the recipe of a layout for these model files, adapted and scaled as the Fuse page does it."""
    if arguments.layout not in LAYOUTS:
        raise Refusal(f"No layout is called “{shown(arguments.layout)}”; `tributary layouts` lists those there are.")
    is_file = arguments.data and not arguments.data.startswith(EXAMPLE)
    paths = [*arguments.member, *([Path(arguments.data)] if is_file else [])]
    for path in paths:
        if not path.is_file():
            raise Refusal(f"{path} is not a file. Name a model file, or after --data a dataset, that is there.")
    with workbench(home_folder(), paths, []) as files:
        print(_write(arguments, files).model_dump_json(indent=2))


def _write(arguments: argparse.Namespace, files: Files) -> Recipe:
    from components.engine.requests import Requests

    requests, options = Requests(files), dict(map(_option, arguments.option))
    members = _members(arguments.member, files)
    facts = [known for _, known in members]
    if arguments.data is None:
        data, bound = stand_in(facts), None
    else:
        data = _data(arguments, files, requests, facts)
        bound = requests.bind(data)
        tried = requests.prepare(Recipe(members=tuple(member for member, _ in members), data=data)).scalings
        members = [(member.model_copy(update={"scaling": tried.get(member.name, "none")}), known) for member, known in members]
    return Recipe(
        name=arguments.layout,
        members=tuple(member for member, _ in members),
        data=data if arguments.data else None,
        layout=arguments.layout,
        options=options,
        graph=plan(arguments.layout, options, members, data, bound).graph,
    )


def _members(paths: list[Path], files: Files) -> list[tuple[Member, MemberFacts]]:
    from components.models.intake import open_member, sha256

    members: list[tuple[Member, MemberFacts]] = []
    for path in paths:
        known = open_member(path, path.name, files.canonical(sha256(path)))
        name = unused(slug(path.name), [member.name for member, _ in members])
        members.append((Member(name=name, sha256=known.sha256, file_name=path.name), known))
    return members


def _data(arguments: argparse.Namespace, files: Files, requests: Any, members: list[MemberFacts]) -> Data:
    if arguments.data.startswith(EXAMPLE):
        dataset = requests.example(arguments.data.removeprefix(EXAMPLE))
    else:
        path = Path(arguments.data)
        with path.open("rb") as stream:
            upload = files.save_upload(stream, path.name)
        dataset = requests.read_dataset(upload.path, upload.file_name, upload.sha256)
    if arguments.target is None:
        return propose(dataset, members)
    columns = {column.name: column for column in dataset.columns}
    if arguments.target not in columns:
        raise Refusal(f"{shown(dataset.file_name)} has no column “{shown(arguments.target)}”; it has {listed(columns)}.")
    target = target_of(columns[arguments.target], members)
    return propose(dataset, members, target)


def _option(text: str) -> tuple[str, Any]:
    """`name=value`; the value as JSON where it is some, several values with commas between."""
    name, equals, value = text.partition("=")
    if not equals:
        raise Refusal(f"An option is written name=value; received “{shown(text)}”.")
    for written in (value, f"[{value}]"):
        with suppress(json.JSONDecodeError):
            return name, json.loads(written)
    return name, value


def _layout(name: str) -> Options:
    layout = LAYOUTS[name]
    words = {key: getattr(layout, key) for key in ("name", "title", "family", "chinese", "summary", "formula", "reference")}
    return {**words, "fewest_members": layout.fewest, "options": layout.options.model_json_schema().get("properties", {})}
