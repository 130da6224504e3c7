"""The command line: `tributary` starts the app, and its subcommands do the same work without a browser."""

from __future__ import annotations

import argparse
import contextlib
import gc
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from components.commands import layouts, models, recipes, weight_space
from components.engine.client import stop_supervisor
from components.engine.surroundings import PROJECT
from components.recipe import Refusal
from components.store import home_folder

PORT = 8501

Argument = tuple[str, dict[str, Any]]
"""An argument's name, and its settings for `argparse`."""


@dataclass(frozen=True)
class Command:
    """One subcommand: what it does in a few words, its function, and what it takes."""

    sentence: str
    run: Callable[[argparse.Namespace], None]
    takes: tuple[Argument, ...] = ()


def serve(arguments: argparse.Namespace) -> None:
    """Starts the app in this process; its engine starts beside it. Ends with Ctrl+C, while runs go on."""
    # As in `start.py`; the app turns it on again when it has loaded.
    gc.disable()
    import click
    from streamlit.web import cli

    os.chdir(PROJECT)
    print(f"Tributary is at http://127.0.0.1:{arguments.port} (Ctrl+C ends it; runs go on until `tributary stop`)", flush=True)
    options = ("--server.address=127.0.0.1", "--server.headless=true", "--logger.hideWelcomeMessage=true")
    with contextlib.suppress(click.Abort):
        cli.main(["run", "app.py", f"--server.port={arguments.port}", *options], standalone_mode=False)


def stop(arguments: argparse.Namespace) -> None:
    """Ends the processes that work behind the app, and what they train."""
    print("Stopped." if stop_supervisor(home_folder()) else "Nothing was running.")


_FILE: Argument = ("file", {"type": Path, "help": "a model file: .keras, .h5, …"})
_WEIGHTS: Argument = ("--weights", {"type": Path, "metavar": "FILE", "help": "the weights (.h5) of an architecture in JSON"})
_RECIPE: Argument = (
    "recipe",
    {"type": Path, "help": "a recipe (.json); its files lie beside it, or were uploaded"},
)
_JSON: Argument = ("--json", {"action": "store_true", "help": "print JSON"})
_MODEL: Argument = ("--out", {"type": Path, "required": True, "metavar": "MODEL.keras"})
_FOLDER: Argument = ("--out", {"type": Path, "required": True, "metavar": "DIR"})
_MEMBERS: Argument = (
    "--member",
    {
        "type": Path,
        "action": "extend",
        "nargs": "+",
        "required": True,
        "metavar": "FILE",
        "help": "model files; several at once",
    },
)
_OPTIONS: Argument = (
    "--option",
    {"action": "extend", "nargs": "+", "default": [], "metavar": "NAME=VALUE", "help": "options of what was chosen"},
)
_DATA: Argument = ("--data", {"metavar": "FILE", "help": "a dataset, or an example such as example:digits"})
_TARGET: Argument = ("--target", {"metavar": "COLUMN", "help": "what is predicted; without it, it is proposed"})

COMMANDS = {
    "serve": Command("start the app (the default)", serve, (("--port", {"type": int, "default": PORT}),)),
    "stop": Command("end the processes behind the app", stop),
    "inspect": Command("show what a model file holds", models.inspect, (_FILE, _WEIGHTS, _JSON)),
    "convert": Command("write a model file as clean Keras 3", models.convert, (_FILE, _WEIGHTS, _MODEL)),
    "layouts": Command("list the layouts", layouts.layouts, (_JSON,)),
    "schema": Command("print the JSON schema of recipes", layouts.schema),
    "recipe": Command(
        "write the recipe of a layout",
        layouts.recipe,
        (_MEMBERS, ("--layout", {"required": True, "metavar": "NAME"}), _OPTIONS, _DATA, _TARGET),
    ),
    "merges": Command("list the ways to merge weights", weight_space.merges),
    "merge": Command(
        "merge models by their weights",
        weight_space.merge,
        (
            ("--method", {"required": True, "metavar": "NAME"}),
            _MEMBERS,
            ("--base", {"type": Path, "metavar": "FILE", "help": "the model that the members were trained on from"}),
            _OPTIONS,
            _DATA,
            _TARGET,
            ("--align", {"action": "store_true", "help": "put hidden units into the order of the first member's"}),
            ("--repair", {"action": "store_true", "help": "give hidden units the mean and deviation of the members'"}),
            ("--re-estimate", {"action": "store_true", "help": "measure batch normalization's moving statistics anew"}),
            _MODEL,
        ),
    ),
    "fuse": Command("build a recipe's model", recipes.fuse, (_RECIPE, _MODEL)),
    "script": Command("print a recipe as plain Keras code", recipes.script, (_RECIPE,)),
    "train": Command("train a recipe's model", recipes.train, (_RECIPE, _FOLDER)),
    "gradients": Command("measure a recipe's gradients", recipes.gradients, (_RECIPE, _JSON)),
}


def main(words: list[str] | None = None) -> int:
    """Runs a subcommand; 0 when it worked, 1 with a sentence on standard error when it did not."""
    parser = argparse.ArgumentParser(prog="tributary", description=__doc__)
    parser.set_defaults(command="serve", port=PORT)
    subparsers = parser.add_subparsers(dest="command", metavar="command")
    for name, command in COMMANDS.items():
        subparser = subparsers.add_parser(name, help=command.sentence, description=command.run.__doc__)
        for argument, settings in command.takes:
            subparser.add_argument(argument, **settings)
    arguments = parser.parse_args(words)
    try:
        COMMANDS[arguments.command or "serve"].run(arguments)
    except Refusal as no:
        print(no.sentence, *filter(None, [no.detail]), sep="\n  ", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{error.filename or 'A file'}: {error.strerror}.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
