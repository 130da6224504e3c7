"""A search from its recipe to its results: the same for the app's jobs and for the command line."""

from __future__ import annotations

import gc
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from components.data.bound import bound_of
from components.data.on_disk import MOST_IN_MEMORY
from components.engine.loading import Loader
from components.engine.resuming import STUDY
from components.fusion.build import build
from components.models.facts import MemberFacts
from components.recipe import Recipe, Refusal
from components.recipe.whole_file import whole_file
from components.store.files import Files
from components.training.events import Point, Result
from components.training.feed import data_of
from components.training.metrics import metric_of
from components.training.run import train
from components.training.search.space import check, variant
from components.training.search.study import OpenTrial, Study
from components.training.search.trials import TRIALS, Trials

TABLE, BEST = "trials.csv", "best.json"
"""What a search leaves in its folder beside all trials and the study: the trials as a table, the recipe of the best."""


class Listener(Protocol):
    """Who follows a search, and may stop it."""

    def started(self) -> None:
        """Members and data are loaded."""

    def taken_up(self, points: list[Point]) -> None:
        """The search goes on after these trials, of which there are none where it begins."""

    def point(self, point: Point) -> None:
        """A trial has ended: `step` and `epoch` are its number, loss and metric its best on the validation split."""

    def stop(self) -> bool:
        """Whether the search is to stop; asked about ten times a second."""

    def finish(self) -> bool:
        """Whether a search that is to stop is to end with what there is; else it can be taken up again."""


def run_search(
    recipe: Recipe,
    facts: Mapping[str, MemberFacts],
    files: Files,
    folder: Path,
    listener: Listener,
    in_memory: int = MOST_IN_MEMORY,
) -> Result | None:
    """Tries one combination of settings after another, each trained as a run of its recipe would be, and judged by its lowest
    loss on the validation split. The test split is not touched.

    Args:
        recipe: With members, data and a search.
        facts: What is known of each member, by the member's name.
        files: Where members and data lie.
        folder: Takes the results; a search that it holds already goes on where it stopped.
        listener: Follows the search.
        in_memory: Data of more bytes stay on disk.

    Returns:
        None when it was stopped.

    Raises:
        Refusal: when the recipe has no search, something that it names is not here, or no such setting exists.
    """
    if recipe.search is None:
        raise Refusal("This recipe names no search. Choose what is searched first.")
    check(recipe.search)
    started, loader, data = time.monotonic(), Loader(files, in_memory), data_of(recipe)
    metric = metric_of(data.target.task)
    study = Study(recipe.search, recipe.seed, f"sqlite:///{folder / STUDY}", metric)
    members, (samples, splits) = loader.models(recipe), loader.samples(recipe)
    bound = bound_of(data, samples, splits)

    def tell() -> Trials:
        trials = study.trials()
        _write(folder / TRIALS, trials.model_dump_json())
        _write(folder / TABLE, trials.table())
        if trials.best is not None:
            best = variant(recipe, trials.best.values, facts, bound)
            _write(folder / BEST, best.model_dump_json(indent=2))
        return trials

    def attempt(trial: OpenTrial) -> bool:
        """Trains one combination; False when someone stopped the search meanwhile."""
        try:
            tried = variant(recipe, trial.values, facts, bound)
            trained = train(
                tried,
                build(tried, members),
                samples,
                splits,
                lambda point: trial.report(point) if point.split == "validation" else None,
                lambda: trial.given_up or listener.stop(),
            )
        except Refusal as no:
            trial.end(no.sentence)
            return True
        if trained.stopped and not trial.given_up:
            trial.cut_off()
            return False
        trial.end(" ".join(trained.notes))
        return True

    listener.started()
    listener.taken_up([_point(number, trial.loss, trial.metric) for number, trial in enumerate(tell().trials, start=1)])
    going = True
    while going and study.ended < recipe.search.count:
        trial = study.next()
        tell()
        going = attempt(trial)
        gc.collect()
        trials = tell().trials
        if going:
            listener.point(_point(len(trials), trials[-1].loss, trials[-1].metric))
            going = not listener.stop()
    told = tell()
    trials, best = told.trials, told.best
    if study.ended < recipe.search.count and not listener.finish():
        return None
    return Result(
        metric=metric,
        scores=(),
        steps=len(trials),
        epochs=len(trials),
        best_epoch=best.number if best else 0,
        seconds=time.monotonic() - started,
        notes=() if best else ("No trial came to an end with a loss; the table says why.",),
    )


def _point(number: int, loss: float | None, metric: float | None) -> Point:
    nothing = float("nan")
    return Point(
        step=number,
        epoch=number,
        split="validation",
        loss=nothing if loss is None else loss,
        metric=nothing if metric is None else metric,
    )


def _write(path: Path, text: str) -> None:
    with whole_file(path) as part:
        part.write_text(text, encoding="utf-8")
