"""Layouts trained one after the other or together, for one seed after another, and what each then predicts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import keras

from components.data.columns import Array
from components.data.on_disk import taken
from components.data.samples import Samples
from components.data.split import Splits
from components.fusion.build import build
from components.recipe import InputNode, Recipe, Refusal
from components.training.alone import predict
from components.training.events import Point
from components.training.feed import feed
from components.training.run import Trained, train
from components.training.tested import as_probabilities
from components.training.together.joinable import why_alone
from components.training.together.training import JointTraining

Report = Callable[[str, int, Point], None]
"""Is told the name of a layout, the number of the training, and the next point of its curve."""


@dataclass(frozen=True)
class Performance:
    """One training of one layout. `predictions` has for each output probabilities or numbers on the test split.

    `model` has the trained weights until the next training begins; `places` are those of the layout among its outputs, and
    `bindings` name the dataset's input for each of its inputs. `shared_by` layouts took `trained.seconds` together.
    """

    name: str
    number: int
    trained: Trained
    predictions: list[Array]
    model: keras.Model
    places: tuple[int, ...]
    bindings: tuple[str, ...]
    shared_by: int


def rehearse(
    recipes: Mapping[str, Recipe],
    models: Mapping[str, keras.Model],
    samples: Samples,
    splits: Splits,
    seeds: int,
    report: Report,
    stop: Callable[[], bool],
) -> Iterator[list[Performance] | tuple[str, Refusal]]:
    """Trains every layout `seeds` times, with the seed of its recipe and those after it.

    Layouts that can be trained together are: one list for each training. The others come after them, each in a list of its own.

    Args:
        recipes: Layouts' recipes by their names, alike in all but their graphs.
        models: The members' models by the members' names.
        samples: The bound dataset.
        splits: Its splits.
        seeds: How many trainings.
        report: Is told every point of every curve.
        stop: Is asked about ten times a second; once it says so, nothing more comes.

    Yields:
        What was trained, or the name of a layout with the reason why it cannot be.
    """
    together = {name: recipe for name, recipe in recipes.items() if not why_alone(recipe, models)}
    if together:
        yield from _together(together, models, samples, splits, seeds, report, stop)
    for name, recipe in recipes.items():
        if name in together:
            continue
        for number in range(seeds):
            if stop():
                return
            try:
                found = _alone(name, recipe, number, models, samples, splits, report, stop)
            except Refusal as refusal:
                yield name, refusal
                break
            if found is None:
                return
            yield [found]


def _together(
    recipes: Mapping[str, Recipe],
    models: Mapping[str, keras.Model],
    samples: Samples,
    splits: Splits,
    seeds: int,
    report: Report,
    stop: Callable[[], bool],
) -> Iterator[list[Performance]]:
    names, asked = list(recipes), list(recipes.values())
    joint = JointTraining(asked, models, samples, splits, stop)
    task = samples.task
    for number in range(seeds):

        def tell(place: int, point: Point, number: int = number) -> None:
            report(names[place], number, point)

        outcomes = joint.train(asked[0].seed + number, tell)
        if outcomes is None:
            return
        model, places = joint.joint.model, joint.joint.outputs
        outputs = [[model.outputs[place] for place in each] for each in places]
        said = [
            [as_probabilities(task, output, values) for output, values in zip(tensors, predicted, strict=True)]
            for tensors, predicted in zip(outputs, joint.predict("test"), strict=True)
        ]
        yield [
            Performance(name, number, outcome, predictions, model, place, joint.joint.bindings, len(names))
            for name, outcome, predictions, place in zip(names, outcomes, said, places, strict=True)
        ]


def _alone(
    name: str,
    recipe: Recipe,
    number: int,
    models: Mapping[str, keras.Model],
    samples: Samples,
    splits: Splits,
    report: Report,
    stop: Callable[[], bool],
) -> Performance | None:
    seeded = recipe.model_copy(update={"seed": recipe.seed + number})
    model = build(seeded, models)
    trained = train(seeded, model, samples, splits, lambda point: report(name, number, point), stop)
    if trained.stopped:
        return None
    given = predict(model, [taken(values, splits.test) for values in feed(seeded, samples)])
    said = [as_probabilities(samples.task, output, values) for output, values in zip(model.outputs, given, strict=True)]
    bindings = tuple(node.binding for node in _inputs(seeded))
    return Performance(name, number, trained, said, model, tuple(range(len(said))), bindings, 1)


def _inputs(recipe: Recipe) -> Sequence[InputNode]:
    return [node for node in recipe.graph.nodes if isinstance(node, InputNode)] if recipe.graph else []
