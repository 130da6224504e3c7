"""A run from its recipe to its files: the same for the app's jobs and for the command line."""

from __future__ import annotations

import errno
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from components.data.on_disk import MOST_IN_MEMORY, taken
from components.engine.loading import Loader
from components.engine.resuming import CHECKPOINT
from components.fusion.build import build
from components.fusion.gate_use import gate_use
from components.fusion.script import write_script
from components.gradients.recorder import GradientRecorder
from components.gradients.trail import TRAIL
from components.models.facts import MemberFacts
from components.recipe import Recipe, Refusal
from components.recipe.whole_file import whole_file
from components.store.files import Files
from components.training.after import judge
from components.training.evaluate import evaluate
from components.training.events import Point, Result, Score
from components.training.feed import data_of, feed
from components.training.history import History
from components.training.keeper import Keeper
from components.training.metrics import metric_of
from components.training.run import train

_STOPPED = "Stopped by hand after {} whole epochs: these are the run's best weights until then."

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class Listener(Protocol):
    """Who follows a run, and may stop it."""

    def started(self) -> None:
        """Members and data are loaded, and the model is built."""

    def baselines(self, scores: tuple[Score, ...]) -> None:
        """What the members and their plain average reach on the validation split without training."""

    def taken_up(self, points: Sequence[Point]) -> None:
        """The run goes on after these points, of which there are none where it begins; what was told after them is void."""

    def point(self, point: Point) -> None:
        """The next point of the curves."""

    def trouble(self, sentence: str) -> None:
        """What goes wrong while the run goes on, in a sentence; an empty one when it goes wrong no longer."""

    def stop(self) -> bool:
        """Whether the run is to stop; asked about ten times a second."""

    def finish(self) -> bool:
        """Whether a run that is to stop is to end as others do, scored with its best weights; else it can be taken up again."""


def run_recipe(
    recipe: Recipe,
    facts: Mapping[str, MemberFacts],
    files: Files,
    folder: Path,
    listener: Listener,
    in_memory: int = MOST_IN_MEMORY,
) -> Result | None:
    """Builds, trains, judges, and leaves `recipe.json`, `script.py`, `model.keras`, `history.csv`, `gradients.npz` and what
    `judge` writes.

    Args:
        recipe: With members, data and graph.
        facts: What is known of each member, by the member's name.
        files: Where members and data lie.
        folder: Takes the files; must be there.
        listener: Follows the run.
        in_memory: Data of more bytes stay on disk.

    Returns:
        What the run brought; None when it was stopped. Called again with the same folder, it goes on where it stopped or was
        cut off: a checkpoint lies there until the run has come to its end. Model and history are left in either case.

    Raises:
        Refusal: when something that the recipe names is not here, or does not fit.
    """
    try:
        return _run(recipe, facts, Loader(files, in_memory), folder, listener)
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise Refusal(
            f"The run's files could not be written: {error.strerror}. The curves and the last checkpoint are kept. "
            "Make room on the disk, and resume the run.",
            f"{error.filename}",
        ) from error


def _run(recipe: Recipe, facts: Mapping[str, MemberFacts], loader: Loader, folder: Path, listener: Listener) -> Result | None:
    metric = metric_of(data_of(recipe).target.task)
    history = History(folder / "history.csv", metric)
    keeper = Keeper(recipe, folder / CHECKPOINT, history.save, listener.trouble)
    (folder / "recipe.json").write_text(recipe.model_dump_json(indent=2), encoding="utf-8")
    (folder / "script.py").write_text(write_script(recipe, facts), encoding="utf-8")
    members, (samples, splits) = loader.models(recipe), loader.samples(recipe)
    model = build(recipe, members)
    listener.started()
    if keeper.found:
        history.take_up(keeper.found.state["watch"]["told"])
    listener.taken_up(history.points)
    if not keeper.found:
        scores = evaluate(recipe, model, members, samples, splits, "validation")
        listener.baselines(tuple(score for score in scores if score.kind != "fused" and not score.target))

    def report(point: Point) -> None:
        history.points.append(point)
        listener.point(point)

    observer = GradientRecorder(recipe, model, folder / TRAIL)
    trained = train(recipe, model, samples, splits, report, listener.stop, keeper, observer)
    history.save()
    # A run that is cut off here leaves no half a file.
    with whole_file(folder / "model.keras") as part:
        model.save(part)
    if trained.stopped and not listener.finish():
        return None
    inputs = [taken(values, splits.validation) for values in feed(recipe, samples)]
    gates = [f"{each.sentence} Measured on the validation split." for each in gate_use(recipe, model, members, inputs)]
    judged = judge(recipe, model, members, samples, splits, folder)
    result = Result(
        metric=metric,
        scores=judged.scores,
        verdict=judged.verdict,
        steps=trained.steps,
        epochs=trained.epochs,
        best_epoch=trained.best_epoch,
        seconds=trained.seconds,
        notes=(*judged.warnings, *([_STOPPED.format(trained.epochs)] if trained.stopped else []), *trained.notes, *gates),
    )
    keeper.forget()
    return result
