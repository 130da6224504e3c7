"""What training costs, against Keras' own `fit` on the same arrays, as a person would write it."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from tests.bench.bench import Row, bench

HEADS = (
    *("concatenate", "stacking", "add", "multiply", "subtract"),
    *("gated-multimodal-unit", "attention", "low-rank-tensor-fusion"),
)


@bench
def training() -> Iterator[Row]:
    """Time by the clock of a run with curves and gradient norms, from the built model to the best weights, over that of `fit`.

    The plain side is `compile` with its defaults and `fit` with arrays, epochs, batch size and validation data. The model is
    built apart on both sides; features, tracing and choosing the pace count.
    """
    # Three samples of five train; pictures are of 32 × 32 in colour, as in many a first exercise.
    small = _pictures(5_000, 32)
    yield from _one("Training, frozen CNN members, one head, over fit", 0.25, small, _cnn, epochs=15)
    yield from _one("Training, frozen MobileNetV2 of 96 × 96, over fit", 0.12, _pictures(4_000, 96), _mobile, 10, rounds=1)
    yield from _eight("Training, eight heads over frozen CNN members, over eight fits", 0.10, small, epochs=15)
    yield from _one("Training, small dense members, nothing frozen, over fit", 0.5, _table(5_000), _dense, 20, frozen=False)
    yield from _one("Training, CNN members, nothing frozen, over fit", 1.05, small, _cnn, epochs=5, frozen=False)


@dataclass(frozen=True)
class Set:
    """Arrays of a classification with ten classes that can be learnt."""

    x: np.ndarray
    y: np.ndarray

    @property
    def shape(self) -> tuple[int, ...]:
        return self.x.shape[1:]


def _pictures(count: int, side: int) -> Set:
    return _set(count, (side, side, 3))


def _table(count: int) -> Set:
    return _set(count, (20,))


def _set(count: int, shape: tuple[int, ...]) -> Set:
    """Noise around a pattern for each class."""
    random = np.random.default_rng(0)
    y = random.integers(0, 10, count)
    patterns = random.random((10, *shape), np.float32)
    return Set(patterns[y] + random.random((count, *shape), np.float32), y)


def _cnn(shape: tuple[int, ...]) -> Any:
    from keras import Input, Sequential, layers

    convolutions = [layers.Conv2D(32, 3, activation="relu"), layers.MaxPooling2D(), layers.Conv2D(64, 3, activation="relu")]
    end = [layers.MaxPooling2D(), layers.Flatten(), layers.Dense(64, activation="relu"), layers.Dense(10, "softmax")]
    return Sequential([Input(shape), *convolutions, *end])


def _dense(shape: tuple[int, ...]) -> Any:
    from keras import Input, Sequential, layers

    hidden = [layers.Dense(64, activation="relu"), layers.Dense(32, activation="relu")]
    return Sequential([Input(shape), *hidden, layers.Dense(10, "softmax")])


def _mobile(shape: tuple[int, ...]) -> Any:
    import keras

    return keras.applications.MobileNetV2(weights=None, input_shape=shape, classes=10)


@dataclass(frozen=True)
class Task:
    """Two members on a set, with the recipe of each layout."""

    models: dict[str, Any]
    samples: Any
    splits: Any
    recipes: list[Any]


def _facts(model: Any) -> Any:
    from components.models import inspection
    from components.models.facts import MemberFacts

    known = inspection.facts(model)
    return MemberFacts(sha256="", file_name="", size=0, format="keras", keras_version=None, **known)


def _task(given: Set, member: Callable[..., Any], layouts: Sequence[str], epochs: int, frozen: bool) -> Task:
    import keras

    from components.data.samples import Samples
    from components.data.split import split
    from components.fusion.plan import plan
    from components.recipe import Data, Input, Member, Recipe, Split, Target, Training

    keras.utils.set_random_seed(0)
    models = {name: member(given.shape) for name in "ab"}
    target = Target(name="y", task="multiclass", classes=tuple("0123456789"))
    data = Data(sha256="", file_name="", inputs=(Input(name="x", array="x", shape=given.shape),), target=target)
    members = tuple(Member(name=name, sha256="", file_name=name, frozen=frozen) for name in models)
    pairs = [(each, _facts(models[each.name])) for each in members]
    samples = Samples({"x": given.x}, given.y, "multiclass", np.arange(len(given.y)))
    recipes = [
        Recipe(
            members=members,
            data=data,
            layout=layout,
            graph=plan(layout, {}, pairs, data, None).graph,
            training=Training(epochs=epochs, batch_size=32),
        )
        for layout in layouts
    ]
    return Task(models, samples, split(samples, Split()), recipes)


def _one(
    name: str, bar: float, given: Set, member: Callable[..., Any], epochs: int, frozen: bool = True, rounds: int = 2
) -> Iterator[Row]:
    from components.fusion.build import build
    from components.gradients.recorder import GradientRecorder
    from components.training.run import train

    task = _task(given, member, ("concatenate",), epochs, frozen)
    [recipe] = task.recipes

    def ours(model: Any) -> None:
        with tempfile.TemporaryDirectory() as folder:
            observer = GradientRecorder(recipe, model, Path(folder, "norms"))
            train(recipe, model, task.samples, task.splits, lambda point: None, lambda: False, observer=observer)

    make = partial(build, recipe, task.models)
    yield _row(name, bar, rounds, (make, ours), (make, partial(_plain_fit, task, epochs)))


def _eight(name: str, bar: float, given: Set, epochs: int) -> Iterator[Row]:
    from components.fusion.build import build
    from components.gradients.recorder import GradientRecorder
    from components.training.together.training import JointTraining

    task = _task(given, _cnn, HEADS, epochs, frozen=True)

    def ours(_: object) -> None:
        joint = JointTraining(task.recipes, task.models, task.samples, task.splits, lambda: False)
        with tempfile.TemporaryDirectory() as folder:
            observer = GradientRecorder(task.recipes[0], joint.joint.model, Path(folder, "norms"))
            joint.train(0, lambda place, point: None, observer)

    def plain(models: list[Any]) -> None:
        for model in models:
            _plain_fit(task, epochs, model)

    make = lambda: [build(recipe, task.models) for recipe in task.recipes]  # noqa: E731
    yield _row(name, bar, 1, (lambda: None, ours), (make, plain))


def _plain_fit(task: Task, epochs: int, model: Any) -> None:
    (x,), y, splits = task.samples.inputs.values(), task.samples.target, task.splits
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    validation = (x[splits.validation], y[splits.validation])
    model.fit(x[splits.training], y[splits.training], batch_size=32, epochs=epochs, validation_data=validation, verbose=0)


Side = tuple[Callable[[], Any], Callable[[Any], None]]
"""What makes ready, and the work that is timed on it."""


def _row(name: str, bar: float, rounds: int, ours: Side, plain: Side) -> Row:
    """The shortest time of one side over that of the other, in turns so that both meet the same machine."""
    times: list[list[tuple[float, float]]] = [[], []]
    for _ in range(rounds):
        for kept, (make, work) in zip(times, (ours, plain), strict=True):
            made = make()
            clock, processor = time.perf_counter(), time.process_time()
            work(made)
            kept.append((time.perf_counter() - clock, time.process_time() - processor))
    clock, processor = ([min(each[place] for each in kept) for kept in times] for place in (0, 1))
    print(f"    {clock[0]:.1f} s over {clock[1]:.1f} s; of the processor {processor[0] / processor[1]:.2f} ×")
    return Row(name, clock[0] / clock[1], "×", bar)
