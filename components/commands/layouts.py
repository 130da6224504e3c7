"""The commands that list layouts and write recipes."""

from __future__ import annotations

import argparse
import json

from components.commands.files import bind_data, open_members, paths_of, read_option
from components.data.stand_in import stand_in
from components.engine.workbench import workbench
from components.fusion.layouts import LAYOUTS
from components.fusion.plan import plan
from components.recipe import Options, Recipe, Refusal
from components.recipe.wording import shown
from components.store import home_folder
from components.store.files import Files


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
    paths = paths_of(arguments.member, arguments.data)
    with workbench(home_folder(), paths, []) as files:
        print(_write(arguments, files).model_dump_json(indent=2))


def _write(arguments: argparse.Namespace, files: Files) -> Recipe:
    from components.engine.requests import Requests

    requests, options = Requests(files), dict(map(read_option, arguments.option))
    members = open_members(arguments.member, files)
    facts = [known for _, known in members]
    if arguments.data is None:
        data, bound = stand_in(facts), None
    else:
        data = bind_data(arguments.data, arguments.target, files, requests, facts)
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


def _layout(name: str) -> Options:
    layout = LAYOUTS[name]
    words = {key: getattr(layout, key) for key in ("name", "title", "family", "chinese", "summary", "formula", "reference")}
    return {**words, "fewest_members": layout.fewest, "options": layout.options.model_json_schema().get("properties", {})}
