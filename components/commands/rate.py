"""The command that finds a learning rate."""

from __future__ import annotations

import argparse

from components.commands.files import places_of, read_recipe
from components.engine.workbench import gather, workbench
from components.store import home_folder
from components.store.files import Files
from components.training.rate_test import STEPS_PER_DECADE, RateTest

ROWS_PER_DECADE = 2


def rate(arguments: argparse.Namespace) -> None:
    """Tries learning rates on a recipe's model and suggests one; nothing is kept of the training."""
    recipe = read_recipe(arguments.recipe)
    kept = Files(home_folder())
    with workbench(kept.home, [kept.blobs, arguments.recipe.parent], ()) as files:
        gather(recipe, places_of(arguments.recipe), files)
        from components.engine.requests import Requests

        found = Requests(files).find_rate(recipe)
    print(found.model_dump_json(indent=2) if arguments.json else table(found))


def table(found: RateTest) -> str:
    """Rates with their smoothed losses, two for each decade, then the suggestion."""
    lines = [f"{'rate':>10}  {'loss':>10}"]
    lines += [
        f"{each:10.2g}  {loss:10.4g}"
        for step, (each, loss) in enumerate(zip(found.rates, found.smoothed, strict=True))
        if step % (STEPS_PER_DECADE // ROWS_PER_DECADE) == 0
    ]
    said = "No rate is suggested." if found.suggestion is None else f"Suggested learning rate: {found.suggestion:g}"
    return "\n".join((*lines, *found.notes, said))
