"""What a look at the gradients costs, in training steps."""

from __future__ import annotations

import contextlib
import itertools
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

from tests.bench.bench import Row, bench

MEMBERS = Path(__file__).resolve().parents[2] / "assets" / "members"
ROUNDS = 60
LAYOUTS = ("average", "weighted-average", "product", "maximum", "concatenate", "add", "multiply", "stacking")


@bench
def gradients() -> Iterator[Row]:
    """One layout over two members: a measurement, once traced, over a plain training step of Keras on the same batch."""
    import keras
    import tensorflow as tf

    from components.gradients.probe import Probe

    recipe, model, inputs, target = _fused()
    loss = keras.losses.SparseCategoricalCrossentropy()
    probe = Probe(recipe, model, loss)
    model.compile("adam", loss=loss, jit_compile=False)
    model.make_train_function()
    (images,) = inputs.values()
    batches = iter(tf.data.Dataset.from_tensors((images, target)).repeat().prefetch(2))
    ratio = _ratio(lambda: probe(inputs, target), lambda: model.train_function(batches)["loss"].numpy())
    yield Row("Gradients of one layout, over a training step", ratio, "×", 1.5)


@bench
def gradients_along_training() -> Iterator[Row]:
    """The epochs of a run with its gradients recorded at every step, over the same epochs without."""
    import keras

    from components.gradients.recorder import GradientRecorder

    with tempfile.TemporaryDirectory() as folder:
        fits: list[Callable[[], Any]] = []
        for watched in (True, False):
            recipe, model, inputs, target = _fused(samples=1024)
            model.compile("adam", loss=keras.losses.SparseCategoricalCrossentropy(), steps_per_execution=16, jit_compile=False)
            follow = GradientRecorder(recipe, model, Path(folder, "gradients.npz"))
            # A run of the app looks at its steps in any case.
            looks = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: None)
            callbacks = [looks, follow(model, _Counter())] if watched else [looks]
            (images,) = inputs.values()
            fits.append(partial(model.fit, images, target, batch_size=32, epochs=4, verbose=0, callbacks=callbacks))
        yield Row("A run with gradients at every step, over one without", _ratio(fits[0], fits[1]), "×", 1.1)


@bench
def gradients_side_by_side() -> Iterator[Row]:
    """Layouts over two MobileNetV2 of 96×96 pixels, as the page asks the app's warm workers for them; nothing was kept."""
    with _two_networks() as recipe_of:
        from components.gradients.probing import Probing
        from components.views.gradient_requests import gradients

        seeds = itertools.count()

        def measure(layouts: Sequence[str]) -> float:
            seed = next(seeds)
            recipes = [recipe_of(layout, seed) for layout in layouts]
            return _seconds(partial(gradients, recipes, Probing()))

        # Each worker loads members and data once.
        measure(LAYOUTS)
        times = [(measure(LAYOUTS[:1]), measure(LAYOUTS)) for _ in range(5)]
    single, eight = (statistics.median(column) for column in zip(*times, strict=True))
    yield Row("Eight layouts side by side, over one", eight / single, "×", 2)
    yield Row("    seconds until the first picture, warm", single, "s", 5)


@dataclass
class _Counter:
    steps: int = 0


@contextlib.contextmanager
def _two_networks() -> Iterator[Callable[[str, int], Any]]:
    """Gives a recipe for a layout and a seed, over uploads to a home folder whose workers are warm."""
    import keras
    import numpy as np

    from components.data.binding import propose
    from components.engine.client import stop_supervisor
    from components.engine.uploads import take_dataset, take_member
    from components.fusion.plan import plan
    from components.recipe import Member, Recipe

    shape, random = (96, 96, 3), np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder, mock.patch.dict(os.environ, TRIBUTARY_HOME=folder):
        from components.views.services import bound, engine, status, store

        members = []
        for name in "ab":
            keras.applications.MobileNetV2(weights=None, input_shape=shape, classes=10).save(Path(folder, f"{name}.keras"))
            with Path(folder, f"{name}.keras").open("rb") as stream:
                facts = take_member(engine(), store(), stream, f"{name}.keras")
            members.append((Member(name=name, sha256=facts.sha256, file_name=f"{name}.keras"), facts))
        images = random.integers(0, 256, (200, *shape), np.uint8)
        np.savez(Path(folder, "images.npz"), x=images, y=random.integers(0, 10, 200))
        with Path(folder, "images.npz").open("rb") as stream:
            data = propose(take_dataset(engine(), store(), stream, "images.npz"), [facts for _, facts in members])
        while status().workers < 2:
            time.sleep(0.2)

        def recipe_of(layout: str, seed: int) -> Recipe:
            graph = plan(layout, {}, members, data, bound(data)).graph
            return Recipe(members=tuple(member for member, _ in members), data=data, layout=layout, graph=graph, seed=seed)

        yield recipe_of
        stop_supervisor(Path(folder))


def _seconds(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _fused(samples: int = 256) -> tuple[Any, Any, dict[str, Any], Any]:
    """The demo members' digits, joined by a head, with the first samples."""
    from components.data.binding import propose
    from components.data.bound import bind
    from components.data.examples import example_facts
    from components.data.load import load_samples
    from components.fusion.build import build
    from components.fusion.plan import plan
    from components.models.intake import open_member
    from components.models.load import load_canonical
    from components.recipe import Member, Recipe

    members, facts, models = [], {}, {}
    with tempfile.TemporaryDirectory() as folder:
        for name in ("digits-mlp", "digits-cnn"):
            canonical = Path(folder, f"{name}.keras")
            facts[name] = open_member(MEMBERS / f"{name}.keras", f"{name}.keras", canonical)
            models[name] = load_canonical(canonical)
            members.append(Member(name=name, sha256=facts[name].sha256, file_name=f"{name}.keras"))
    data = propose(example_facts("digits"), list(facts.values()))
    graph = plan("concatenate", {}, [(member, facts[member.name]) for member in members], data, bind(data, None)).graph
    recipe = Recipe(members=tuple(members), data=data, layout="concatenate", graph=graph)
    bound = load_samples(data, None)
    return (
        recipe,
        build(recipe, models),
        {name: array[:samples] for name, array in bound.inputs.items()},
        bound.target[:samples],
    )


def _ratio(one: Callable[[], Any], other: Callable[[], Any]) -> float:
    """The median time of one over that of the other, in turns so that both meet the same machine; the first turns trace."""
    times: tuple[list[float], list[float]] = ([], [])
    for turn, (kept, work) in itertools.product(range(ROUNDS), zip(times, (one, other), strict=True)):
        began = time.perf_counter()
        work()
        if turn >= 3:
            kept.append(time.perf_counter() - began)
    return statistics.median(times[0]) / statistics.median(times[1])
