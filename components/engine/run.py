"""A run from its recipe to its files: the same for the app's jobs and for the command line."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import keras

from components.data.on_disk import taken
from components.engine.loading import Loader
from components.fusion.build import build
from components.fusion.gate_use import gate_use
from components.fusion.script import write_script
from components.models.facts import MemberFacts
from components.recipe import Recipe
from components.store.files import Files
from components.training.after import judge
from components.training.evaluate import evaluate
from components.training.events import Point, Result, Score
from components.training.feed import data_of, feed
from components.training.history import history_csv
from components.training.metrics import metric_of
from components.training.run import train


class Listener(Protocol):
    """Who follows a run, and may stop it."""

    def started(self) -> None:
        """Members and data are loaded, and the model is built."""

    def baselines(self, scores: tuple[Score, ...]) -> None:
        """What the members and their plain average reach on the validation split without training."""

    def point(self, point: Point) -> None:
        """The next point of the curves."""

    def stop(self) -> bool:
        """Whether the run is to stop; asked about ten times a second."""


def run_recipe(
    recipe: Recipe, facts: Mapping[str, MemberFacts], files: Files, folder: Path, listener: Listener
) -> Result | None:
    """Builds, trains, judges, and leaves `recipe.json`, `script.py`, `model.keras`, `history.csv` and what `judge` writes.

    Args:
        recipe: With members, data and graph.
        facts: What is known of each member, by the member's name.
        files: Where members and data lie.
        folder: Takes the files; must be there.
        listener: Follows the run.

    Returns:
        What the run brought; None when it was stopped. Model and history are left in either case once training began.

    Raises:
        Refusal: when something that the recipe names is not here, or does not fit.
    """
    loader = Loader(files)
    task = data_of(recipe).target.task
    (folder / "recipe.json").write_text(recipe.model_dump_json(indent=2), encoding="utf-8")
    (folder / "script.py").write_text(write_script(recipe, facts), encoding="utf-8")
    members, (samples, splits) = loader.models(recipe), loader.samples(recipe)
    model = build(recipe, members)
    listener.started()
    scores = evaluate(recipe, model, members, samples, splits, "validation")
    listener.baselines(tuple(score for score in scores if score.kind != "fused"))
    if listener.stop():
        return None
    points: list[Point] = []

    def report(point: Point) -> None:
        points.append(point)
        listener.point(point)

    trained = train(recipe, model, samples, splits, report, listener.stop)
    _save(model, folder / "model.keras")
    (folder / "history.csv").write_text(history_csv(points, metric_of(task)), encoding="utf-8", newline="\n")
    if trained.stopped:
        return None
    inputs = [taken(values, splits.validation) for values in feed(recipe, samples)]
    gates = [f"{each.sentence} Measured on the validation split." for each in gate_use(recipe, model, members, inputs)]
    judged = judge(recipe, model, members, samples, splits, folder)
    return Result(
        metric=metric_of(task),
        scores=judged.scores,
        verdict=judged.verdict,
        steps=trained.steps,
        epochs=trained.epochs,
        best_epoch=trained.best_epoch,
        seconds=trained.seconds,
        notes=(*trained.notes, *gates),
    )


def _save(model: keras.Model, path: Path) -> None:
    """Saves beside the place and moves there, so that a run that is cut off leaves no half a file."""
    part = path.with_stem(f"{path.stem}-part")
    model.save(part)
    os.replace(part, path)
