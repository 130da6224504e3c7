"""Layouts trained one after the other or together, for one seed after another, and what each then predicts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import keras

from components.data.columns import Array
from components.data.on_disk import taken
from components.fusion.build import build
from components.recipe import InputNode, Refusal
from components.training.alone import predict
from components.training.comparison.contest import Contest, Turn
from components.training.comparison.report import ComparedPoint
from components.training.events import Point
from components.training.feed import feed
from components.training.run import Trained, train
from components.training.tested import as_probabilities
from components.training.together.joinable import why_alone
from components.training.together.training import JointTraining

Report = Callable[[ComparedPoint, int], None]
"""Is told the next point of a validation curve, and how many trainings are made together with it."""


@dataclass(frozen=True)
class Performance:
    """One training of one layout. `predictions` has for each output probabilities or numbers on the test split.

    `model` has the trained weights until the next training begins; `places` are those of the layout among its outputs, and
    `bindings` name the dataset's input for each of its inputs.
    """

    name: str
    number: int
    trained: Trained
    predictions: list[Array]
    model: keras.Model
    places: tuple[int, ...]
    bindings: tuple[str, ...]


def rehearse(
    contest: Contest, missing: Collection[Turn], report: Report, stop: Callable[[], bool]
) -> Iterator[list[Performance] | tuple[str, Refusal]]:
    """Trains layouts with the seed of their recipes and those after it.

    Layouts that can be trained together are: one list for each seed. The others come after them, each in a list of its own.

    Args:
        contest: The layouts.
        missing: The trainings to make, of those of the contest.
        report: Is told every point of every validation curve.
        stop: Is asked about ten times a second; once it says so, nothing more comes.

    Yields:
        What was trained, or the name of a layout with the reason why it cannot be.
    """
    together = [name for name, recipe in contest.recipes.items() if not why_alone(recipe, contest.models)]

    def lacking(number: int) -> tuple[str, ...]:
        return tuple(name for name in together if (name, number) in missing)

    for names, numbers in groupby(range(contest.seeds), lacking):
        if names and not stop():
            yield from _together(contest, names, list(numbers), report, stop)
    for name in contest.recipes:
        for number in range(contest.seeds):
            if name in together or (name, number) not in missing:
                continue
            if stop():
                return
            try:
                found = _alone(contest, (name, number), report, stop)
            except Refusal as refusal:
                yield name, refusal
                break
            if found is None:
                return
            yield [found]


def _together(
    contest: Contest, names: Sequence[str], numbers: Sequence[int], report: Report, stop: Callable[[], bool]
) -> Iterator[list[Performance]]:
    asked = [contest.recipes[name] for name in names]
    joint = JointTraining(asked, contest.models, contest.samples, contest.splits, stop)
    for number in numbers:

        def tell(place: int, point: Point, number: int = number) -> None:
            _tell(report, (names[place], number), point, len(names))

        outcomes = joint.train(asked[0].seed + number, tell)
        if outcomes is None:
            return
        model, places = joint.joint.model, joint.joint.outputs
        outputs = [[model.outputs[place] for place in each] for each in places]
        said = [
            [as_probabilities(contest.samples.task, output, values) for output, values in zip(tensors, predicted, strict=True)]
            for tensors, predicted in zip(outputs, joint.predict("test"), strict=True)
        ]
        yield [
            Performance(name, number, outcome, predictions, model, place, joint.joint.bindings)
            for name, outcome, predictions, place in zip(names, outcomes, said, places, strict=True)
        ]


def _alone(contest: Contest, turn: Turn, report: Report, stop: Callable[[], bool]) -> Performance | None:
    recipe, samples, splits = contest.seeded(turn), contest.samples, contest.splits
    model = build(recipe, contest.models)
    trained = train(recipe, model, samples, splits, lambda point: _tell(report, turn, point, 1), stop)
    if trained.stopped:
        return None
    given = predict(model, [taken(values, splits.test) for values in feed(recipe, samples)])
    said = [as_probabilities(samples.task, output, values) for output, values in zip(model.outputs, given, strict=True)]
    nodes = recipe.graph.nodes if recipe.graph else ()
    bindings = tuple(node.binding for node in nodes if isinstance(node, InputNode))
    return Performance(*turn, trained, said, model, tuple(range(len(said))), bindings)


def _tell(report: Report, turn: Turn, point: Point, trainings: int) -> None:
    if point.split == "validation":
        name, number = turn
        told = ComparedPoint(contender=name, seed=number, epoch=point.epoch, loss=point.loss, metric=point.metric)
        report(told, trainings)
