"""The commands that do what a recipe says: build, write as a script, measure, train."""

from __future__ import annotations

import argparse
import shutil
import sys
from contextlib import AbstractContextManager
from pathlib import Path

from components.commands.files import places_of, read_recipe
from components.commands.report import write_report
from components.commands.terminal import Terminal, print_scores
from components.engine.workbench import gather, workbench
from components.gradients.model_explorer import node_data
from components.gradients.sentences import sentences
from components.gradients.table import to_csv
from components.store import home_folder
from components.store.files import Files

Arguments = argparse.Namespace


def fuse(arguments: Arguments) -> None:
    """Builds a recipe's model and writes it as it starts."""
    recipe = read_recipe(arguments.recipe)
    with _working(arguments.recipe, arguments.out.parent) as files:
        gather(recipe, places_of(arguments.recipe), files)
        from components.engine.requests import Requests

        made = files.home / "fused.keras"
        Requests(files).export(recipe, made)
        shutil.copyfile(made, arguments.out)
    print(f"Wrote {arguments.out}.")


def script(arguments: Arguments) -> None:
    """Prints plain Keras code that builds and trains a recipe's model."""
    recipe = read_recipe(arguments.recipe)
    with _working(arguments.recipe) as files:
        from components.fusion.script import write_script

        print(write_script(recipe, gather(recipe, places_of(arguments.recipe), files)))


def gradients(arguments: Arguments) -> None:
    """Measures the gradient at every layer of a recipe's model."""
    recipe = read_recipe(arguments.recipe)
    with _working(arguments.recipe) as files:
        gather(recipe, places_of(arguments.recipe), files)
        from components.engine.requests import Requests

        [report] = Requests(files).gradients([recipe])
    if arguments.json:
        print(report.model_dump_json(indent=2))
    elif arguments.csv:
        print(to_csv([report]), end="")
    elif arguments.model_explorer:
        print(node_data(report))
    else:
        print(f"{report.title}: {report.verdict}.")
        print("\n".join(sentences(recipe, report)))
        for layer in report.layers:
            norm = "–" if layer.norm is None else f"{layer.norm:.3e}"
            print(f"{norm:>10}  {layer.verdict:<17}  {layer.layer}")


def train(arguments: Arguments) -> None:
    """Trains a recipe's model and leaves model, history, script and recipe in a folder.

    Ctrl+C stops it and keeps a checkpoint in the folder; so does a crash, but for the last seconds. The same command goes on
    from there, and ends as if it had never been cut off.
    """
    recipe = read_recipe(arguments.recipe)
    arguments.out.mkdir(parents=True, exist_ok=True)
    terminal = Terminal(recipe)
    with _working(arguments.recipe, arguments.out) as files:
        facts = gather(recipe, places_of(arguments.recipe), files)
        from components.engine.run import run_recipe

        terminal.listen()
        result = run_recipe(recipe, facts, files, arguments.out, terminal)
        if result is not None:
            write_report(arguments.out, recipe, facts, result)
    if result is None:
        print(f"Stopped. The same command goes on from the checkpoint in {arguments.out}.", file=sys.stderr)
        sys.exit(130)
    print_scores(result.scores)
    print(
        "\n".join(
            (
                *filter(None, [result.verdict]),
                *result.notes,
                f"{result.steps:,} steps in {result.seconds:.1f} s; files are in {arguments.out}.",
            )
        )
    )


def _working(recipe: Path, *out: Path) -> AbstractContextManager[Files]:
    kept = Files(home_folder())
    return workbench(kept.home, [kept.blobs, recipe.parent], out)
