"""A comparison from its recipe to its report: the same for the app's jobs and for the command line."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from components.data.bound import bind
from components.engine.gradient_reports import gradient_reports
from components.engine.loading import Loader
from components.fusion.layouts import LAYOUTS
from components.fusion.plan import plan
from components.gradients.probing import Probing
from components.models.facts import MemberFacts
from components.recipe import Recipe, Refusal
from components.recipe.wording import shown
from components.store.files import Files
from components.training.comparison.compare import compare
from components.training.comparison.report import ComparedPoint, Comparison, ComparisonReport, Contender
from components.training.events import Point
from components.training.feed import data_of
from components.training.together.joinable import why_alone


class Listener(Protocol):
    """Who follows a comparison, and may stop it."""

    def started(self) -> None:
        """Members and data are loaded."""

    def compared(self, point: ComparedPoint, progress: float) -> None:
        """The next point of a layout's validation curve, and how much of all trainings is done, from 0 to 1."""

    def stop(self) -> bool:
        """Whether the comparison is to stop; asked about ten times a second."""


def run_comparison(
    recipe: Recipe,
    comparison: Comparison,
    facts: Mapping[str, MemberFacts],
    files: Files,
    folder: Path,
    listener: Listener,
) -> ComparisonReport | None:
    """Trains every layout, judges all, and leaves `report.json`, `leaderboard.csv`, `curves.csv` and a recipe for each layout.

    Args:
        recipe: With members, data and settings; its own layout keeps its options, the others have their defaults.
        comparison: What is compared.
        facts: What is known of each member, by the member's name.
        files: Where members and data lie.
        folder: Takes the files; must be there.
        listener: Follows the comparison.

    Returns:
        None when it was stopped.

    Raises:
        Refusal: when something that the recipe names is not here, or no layout fits.
    """
    loader = Loader(files)
    data = data_of(recipe)
    models, (samples, splits) = loader.models(recipe), loader.samples(recipe)
    recipes, refused = _planned(recipe, comparison, facts, loader)
    listener.started()
    points: list[ComparedPoint] = []
    # Layouts that train together tell of their start all at once; one without weights tells nothing.
    done = {name: 0.0 for name, each in recipes.items() if why_alone(each, models)}

    def report(layout: str, number: int, point: Point) -> None:
        done[layout] = number + point.epoch / recipe.training.epochs
        if point.split == "validation":
            told = ComparedPoint(contender=layout, seed=number, epoch=point.epoch, loss=point.loss, metric=point.metric)
            points.append(told)
            listener.compared(told, sum(done.values()) / len(done) / comparison.seeds)

    found = compare(recipes, models, samples, splits, comparison.seeds, report, listener.stop)
    if found is None:
        return None
    verdicts = _verdicts(recipes, loader)
    judged = tuple(row.model_copy(update={"verdict": verdicts.get(row.name, "")}) for row in found.contenders)
    result = found.model_copy(update={"contenders": (*judged, *refused)})
    _write(folder, result, points, recipes, data.target.task == "regression")
    return result


def _planned(
    recipe: Recipe, comparison: Comparison, facts: Mapping[str, MemberFacts], loader: Loader
) -> tuple[dict[str, Recipe], list[Contender]]:
    """The recipe of each layout that fits, and a row without a score for each that does not."""
    data = data_of(recipe)
    members, bound = [(member, facts[member.name]) for member in recipe.members], bind(data, loader.path(data))
    recipes, refused = {}, []
    for layout in dict.fromkeys(comparison.layouts):
        options = recipe.options if layout == recipe.layout else {}
        try:
            graph = plan(layout, options, members, data, bound).graph
        except Refusal as refusal:
            title = LAYOUTS[layout].title if layout in LAYOUTS else shown(layout)
            refused.append(Contender(name=layout, title=title, kind="layout", note=refusal.sentence))
            continue
        recipes[layout] = recipe.model_copy(update={"layout": layout, "options": options, "graph": graph})
    if not recipes:
        raise Refusal("None of these layouts fits the members and the data.", "\n".join(row.note for row in refused))
    return recipes, refused


def _verdicts(recipes: Mapping[str, Recipe], loader: Loader) -> dict[str, str]:
    """What is said of each layout's gradients before training."""
    return {report.layout: report.verdict for report in gradient_reports(list(recipes.values()), loader, Probing())}


def _write(
    folder: Path, report: ComparisonReport, points: Sequence[ComparedPoint], recipes: Mapping[str, Recipe], regression: bool
) -> None:
    (folder / "report.json").write_text(report.model_dump_json(indent=2), encoding="utf-8")
    for name, recipe in recipes.items():
        (folder / f"{name}.recipe.json").write_text(recipe.model_dump_json(indent=2), encoding="utf-8")
    with (folder / "leaderboard.csv").open("w", newline="", encoding="utf-8") as file:
        fields = [name for name in Contender.model_fields if name not in ("options", "reliance", "scores")]
        table = csv.writer(file)
        table.writerow(["r2" if name == "score" and regression else name for name in fields])
        table.writerows([getattr(row, name) for name in fields] for row in report.contenders)
    with (folder / "curves.csv").open("w", newline="", encoding="utf-8") as file:
        curves = csv.writer(file)
        curves.writerow(list(ComparedPoint.model_fields))
        curves.writerows(point.model_dump().values() for point in points)
