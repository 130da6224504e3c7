"""A comparison from its recipe to its report: the same for the app's jobs and for the command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from components.data.bound import bind
from components.data.on_disk import MOST_IN_MEMORY
from components.engine.gradient_reports import gradient_reports
from components.engine.loading import Loader
from components.engine.resuming import TRAININGS
from components.fusion.plan import plan
from components.gradients.probing import Probing
from components.models.facts import MemberFacts
from components.recipe import Recipe, Refusal, Task
from components.store.files import Files
from components.training.comparison.compare import Follower, compare
from components.training.comparison.contest import Contest
from components.training.comparison.outcomes import Outcomes
from components.training.comparison.report import ComparedPoint, Comparison, ComparisonReport
from components.training.comparison.tables import curves_csv, leaderboard_csv, members_csv, pairs_csv
from components.training.events import Result
from components.training.feed import data_of
from components.training.metrics import metric_of

REPORT = "report.json"
"""The file in a comparison's folder that holds all of its report."""


class Listener(Follower, Protocol):
    """Who follows a comparison, and may stop it."""

    def started(self) -> None:
        """Members and data are loaded."""


def run_comparison(
    comparison: Comparison,
    recipe: Recipe,
    facts: Mapping[str, MemberFacts],
    files: Files,
    folder: Path,
    listener: Listener,
    in_memory: int = MOST_IN_MEMORY,
) -> Result | None:
    """Trains every layout, judges all, and leaves the report, its tables as CSV, and a recipe for each layout.

    Args:
        comparison: What is compared.
        recipe: With members, data and settings; its own layout keeps its options, the others have their defaults.
        facts: What is known of each member, by the member's name.
        files: Where members and data lie.
        folder: Takes the files; must be there. Trainings that ended in it before are not made again.
        listener: Follows the comparison.
        in_memory: Data of more bytes stay on disk.

    Returns:
        None when it was stopped.

    Raises:
        Refusal: when something that the recipe names is not here, or no layout fits.
    """
    loader = Loader(files, in_memory)
    data = data_of(recipe)
    models, (samples, splits) = loader.models(recipe), loader.samples(recipe)
    recipes, refused = _planned(recipe, comparison, facts, loader)
    listener.started()
    verdicts = _verdicts(list(recipes.values()), loader)
    contest = Contest(recipes, models, samples, splits, comparison.seeds, verdicts, refused)
    found = compare(contest, Outcomes(folder / TRAININGS), listener)
    if found is None:
        return None
    report, points = found
    _write(folder, report, points, recipes, data.target.task)
    trainings = sum(len(row.scores) for row in report.contenders if row.kind == "layout")
    return Result(
        metric=metric_of(data.target.task),
        scores=(),
        steps=trainings,
        epochs=trainings,
        best_epoch=0,
        seconds=report.seconds,
    )


def _planned(
    recipe: Recipe, comparison: Comparison, facts: Mapping[str, MemberFacts], loader: Loader
) -> tuple[dict[str, Recipe], dict[str, str]]:
    """The recipe of each layout that fits, and why each of the others does not."""
    data = data_of(recipe)
    members, bound = [(member, facts[member.name]) for member in recipe.members], bind(data, loader.path(data))
    recipes, refused = {}, {}
    for layout in dict.fromkeys(comparison.layouts):
        options = recipe.options if layout == recipe.layout else {}
        try:
            graph = plan(layout, options, members, data, bound).graph
        except Refusal as refusal:
            refused[layout] = refusal.sentence
            continue
        recipes[layout] = recipe.model_copy(update={"layout": layout, "options": options, "graph": graph})
    if not recipes:
        raise Refusal("None of these layouts fits the members and the data.", "\n".join(refused.values()))
    return recipes, refused


def _verdicts(recipes: Sequence[Recipe], loader: Loader) -> dict[str, str]:
    """What is said of each layout's gradients before training; nothing of one that cannot be measured."""
    try:
        return {report.layout: report.verdict for report in gradient_reports(recipes, loader, Probing())}
    except Refusal:
        if len(recipes) == 1:
            return {}
        return {layout: verdict for recipe in recipes for layout, verdict in _verdicts([recipe], loader).items()}


def _write(
    folder: Path, report: ComparisonReport, points: Sequence[ComparedPoint], recipes: Mapping[str, Recipe], task: Task
) -> None:
    files = {
        REPORT: report.model_dump_json(indent=2),
        "leaderboard.csv": leaderboard_csv(report.contenders, task),
        "curves.csv": curves_csv(points),
        "members.csv": members_csv(report.contenders),
        "pairs.csv": pairs_csv(report.pairs),
        **{f"{name}.recipe.json": recipe.model_dump_json(indent=2) for name, recipe in recipes.items()},
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
