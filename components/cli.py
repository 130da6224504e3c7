"""The command line: `tributary` starts the app, and its subcommands do the same work without a browser."""

from __future__ import annotations

import argparse
import contextlib
import gc
import importlib
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from components.engine.client import stop_supervisor
from components.engine.surroundings import PROJECT
from components.recipe import Refusal
from components.recipe.search import Method
from components.store import home_folder

PORT = 8501

Argument = tuple[str, dict[str, Any]]
"""An argument's name, and its settings for `argparse`."""


@dataclass(frozen=True)
class Command:
    """One subcommand: what it does in a few words, where its function is, and what it takes.

    The function, named after the command, is imported when it is asked for: the app starts without the others.
    """

    sentence: str
    module: str
    takes: tuple[Argument, ...] = ()

    def function(self, name: str) -> Callable[[argparse.Namespace], None]:
        """What carries it out."""
        found: Callable[[argparse.Namespace], None] = getattr(importlib.import_module(self.module), name)
        return found


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
_MODEL: Argument = ("--out", {"type": Path, "required": True, "metavar": "MODEL.keras", "help": "the model file to write"})
_FOLDER: Argument = ("--out", {"type": Path, "required": True, "metavar": "DIR", "help": "a folder for the results"})
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

MODELS, LAYOUTS, RECIPES, WEIGHT_SPACE, JUDGING = (
    f"components.commands.{module}" for module in ("models", "layouts", "recipes", "weight_space", "judging")
)

COMMANDS = {
    "serve": Command("start the app (the default)", __name__, (("--port", {"type": int, "default": PORT}),)),
    "stop": Command("end the processes behind the app", __name__),
    "inspect": Command("show what a model file holds", MODELS, (_FILE, _WEIGHTS, _JSON)),
    "convert": Command("write a model file as clean Keras 3", MODELS, (_FILE, _WEIGHTS, _MODEL)),
    "layouts": Command("list the layouts", LAYOUTS, (_JSON,)),
    "schema": Command("print the JSON schema of recipes", LAYOUTS),
    "recipe": Command(
        "write the recipe of a layout",
        LAYOUTS,
        (_MEMBERS, ("--layout", {"required": True, "metavar": "NAME"}), _OPTIONS, _DATA, _TARGET),
    ),
    "merges": Command("list the ways to merge weights", WEIGHT_SPACE),
    "merge": Command(
        "merge models by their weights",
        WEIGHT_SPACE,
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
    "fuse": Command("build a recipe's model", RECIPES, (_RECIPE, _MODEL)),
    "script": Command("print a recipe as plain Keras code", RECIPES, (_RECIPE,)),
    "train": Command("train a recipe's model", RECIPES, (_RECIPE, _FOLDER)),
    "evaluate": Command(
        "judge a trained model",
        JUDGING,
        (
            ("recipe", {"type": Path, "metavar": "RUN_DIR|RECIPE", "help": "the folder of a run, or a recipe (.json)"}),
            ("--model", {"type": Path, "metavar": "MODEL.keras", "help": "the trained model; of a folder, the one in it"}),
            ("--data", {"type": Path, "metavar": "FILE", "help": "other samples than the recipe's test split, with a target"}),
            _JSON,
        ),
    ),
    "predict": Command(
        "predict new samples with a trained model",
        JUDGING,
        (
            ("model", {"type": Path, "metavar": "MODEL", "help": "a trained model (.keras)"}),
            ("--data", {"type": Path, "required": True, "metavar": "FILE", "help": "new samples; no target is needed"}),
            ("--out", {"type": Path, "required": True, "metavar": "FILE", "help": "the table to write (.csv)"}),
            ("--recipe", {"type": Path, "metavar": "RECIPE", "help": "the model's recipe; without it, the one beside it"}),
        ),
    ),
    "rate": Command("find a learning rate for a recipe's model", "components.commands.rate", (_RECIPE, _JSON)),
    "gradients": Command(
        "measure a recipe's gradients",
        RECIPES,
        (
            _RECIPE,
            _JSON,
            ("--csv", {"action": "store_true", "help": "print a table"}),
            ("--model-explorer", {"action": "store_true", "help": "print node data for Model Explorer"}),
        ),
    ),
    "search": Command(
        "search settings of a recipe, such as its rate and layout",
        "components.commands.search",
        (
            _RECIPE,
            ("--over", {"metavar": "NAME=…,NAME=…", "help": "such as learning_rate=1e-4:1e-1,layout=average|stacking"}),
            (
                "--method",
                {"choices": get_args(Method), "default": "random", "help": "halving gives up early what falls behind"},
            ),
            ("--trials", {"type": int, "default": 12, "metavar": "N", "help": "how many are tried; a grid tries all"}),
            ("--points", {"type": int, "default": 3, "metavar": "N", "help": "points of a range in a grid"}),
            _FOLDER,
            _JSON,
        ),
    ),
    "compare": Command(
        "compare layouts by training them",
        "components.commands.compare",
        (
            _RECIPE,
            ("--layouts", {"required": True, "metavar": "NAME,NAME,…", "help": "layouts with commas between, or “all”"}),
            ("--seeds", {"type": int, "default": 1, "metavar": "N", "help": "trainings of each layout, 1 to 10"}),
            _FOLDER,
            _JSON,
        ),
    ),
    "export": Command(
        "write a model in another format",
        "components.commands.exports",
        (
            ("model", {"metavar": "MODEL|RUN", "help": "a model file, or the name or id of a run"}),
            ("--format", {"required": True, "metavar": "NAME", "help": "savedmodel, tflite, tflite-8-bit or onnx"}),
            ("--out", {"type": Path, "required": True, "metavar": "FILE", "help": "the file to write"}),
        ),
    ),
}


def main(words: list[str] | None = None) -> int:
    """Runs a subcommand; 0 when it worked, 1 with a sentence on standard error when it did not."""
    given = sys.argv[1:] if words is None else words
    parser = argparse.ArgumentParser(prog="tributary", description=__doc__)
    parser.set_defaults(command="serve", port=PORT)
    subparsers = parser.add_subparsers(dest="command", metavar="command")
    for name, command in COMMANDS.items():
        subparser = subparsers.add_parser(name, help=command.sentence)
        if name in given:
            subparser.description = command.function(name).__doc__
        for argument, settings in command.takes:
            subparser.add_argument(argument, **settings)
    arguments = parser.parse_args(given)
    try:
        name = arguments.command or "serve"
        COMMANDS[name].function(name)(arguments)
    except Refusal as no:
        print(no.sentence, *filter(None, [no.detail]), sep="\n  ", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # Who reads has seen enough, as `head` does; what is left unsaid goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        print(f"{error.filename or 'A file'}: {error.strerror}.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
