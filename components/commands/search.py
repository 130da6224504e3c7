"""The command that searches settings."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from components.commands.files import places_of, read_recipe
from components.engine.workbench import gather, workbench
from components.recipe import Recipe, Refusal
from components.recipe.search import Over, Search
from components.recipe.wording import shown
from components.store import home_folder
from components.store.files import Files
from components.training.events import Point
from components.training.search.trials import TRIALS, Trials


class Printer:
    """Follows a search in the terminal: a line for each trial."""

    def __init__(self, count: int) -> None:
        self._count = count

    def started(self) -> None:
        """Says that the search begins."""
        print("Members and data are loaded.", file=sys.stderr)

    def taken_up(self, points: Sequence[Point]) -> None:
        """Says how many trials are there already."""
        if points:
            print(f"{len(points)} of {self._count} trials are there already; the search goes on.", file=sys.stderr)

    def point(self, point: Point) -> None:
        """Prints a trial."""
        print(
            f"trial {point.step} of {self._count}: validation loss {point.loss:.4g}, metric {point.metric:.4g}", file=sys.stderr
        )

    def stop(self) -> bool:
        """Nobody stops it but Ctrl+C; called again, it goes on."""
        return False

    def finish(self) -> bool:
        """It is never asked to end early."""
        return False


def search(arguments: argparse.Namespace) -> None:
    """Tries combinations of settings, each trained and judged on the validation split. With a folder of an earlier search of
    the same settings it goes on there."""
    recipe = read_recipe(arguments.recipe)
    recipe = recipe.model_copy(update={"search": _search(arguments, recipe)})
    _check_same(arguments, recipe)
    arguments.out.mkdir(parents=True, exist_ok=True)
    kept = Files(home_folder())
    with workbench(kept.home, [kept.blobs, arguments.recipe.parent], [arguments.out]) as files:
        facts = gather(recipe, places_of(arguments.recipe), files)
        from components.engine.search import BEST, run_search

        (arguments.out / "recipe.json").write_text(recipe.model_dump_json(indent=2), encoding="utf-8")
        assert recipe.search is not None
        result = run_search(recipe, facts, files, arguments.out, Printer(recipe.search.count))
        trials = Trials.model_validate_json((arguments.out / TRIALS).read_bytes())
    if arguments.json:
        print(trials.model_dump_json(indent=2))
        return
    print(trials.table(), end="")
    for name, importance in trials.importances.items():
        print(f"{importance:>6.1%}  {name}")
    print("\n".join(result.notes if result else ()), end="")
    if trials.best is not None:
        print(f"The best is trial {trials.best.number}; its recipe is {arguments.out / BEST}.")


def read_over(text: str) -> tuple[Over, ...]:
    """`learning_rate=1e-5:1e-1,layout=average|stacking`: a range from a lower to a higher number, or values.

    Raises:
        Refusal: when it is not written so.
    """
    found = []
    for part in text.split(","):
        name, equals, value = part.partition("=")
        low, colon, high = value.partition(":")
        try:
            if not equals:
                raise ValueError("no “=”")
            if colon:
                found.append(Over(name=name.strip(), low=float(low), high=float(high)))
            else:
                found.append(Over(name=name.strip(), values=tuple(_value(each) for each in value.split("|"))))
        except ValueError as error:
            raise Refusal(
                f"--over takes name=low:high or name=a|b, with commas between; received “{shown(part)}”.", str(error)
            ) from None
    return tuple(found)


def _value(text: str) -> Any:
    try:
        value = json.loads(text)
    except ValueError:
        return text.strip()
    return value if isinstance(value, bool | int | float) else text.strip()


def _search(arguments: argparse.Namespace, recipe: Recipe) -> Search:
    """What the arguments say; without `--over`, the search that the recipe names."""
    if arguments.over is None:
        if recipe.search is None:
            raise Refusal("Say with --over what is searched, such as --over learning_rate=1e-4:1e-1.")
        return recipe.search
    try:
        return Search(method=arguments.method, trials=arguments.trials, points=arguments.points, over=read_over(arguments.over))
    except ValidationError as error:
        raise Refusal("Such a search cannot be made; the technical detail says why.", str(error)) from None


def _check_same(arguments: argparse.Namespace, recipe: Recipe) -> None:
    """Refuses to mix the trials of two searches in one folder; more trials of the same search are welcome."""
    earlier = arguments.out / "recipe.json"
    if not earlier.exists():
        return
    known = read_recipe(earlier)

    def bare(recipe: Recipe) -> Recipe:
        search = recipe.search and recipe.search.model_copy(update={"trials": 1})
        return recipe.model_copy(update={"search": search, "name": ""})

    if bare(known) != bare(recipe):
        raise Refusal(f"{arguments.out} holds another search. Name another folder, or search the same recipe over the same.")
