"""What a look at the gradients costs, in training steps."""

from __future__ import annotations

import itertools
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

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
    """Layouts over two MobileNetV2 of 96×96 pixels that are at hand, on the probe batch that the app takes."""
    measure = _over_two_networks()
    one, several = LAYOUTS[:1], LAYOUTS
    # The first also loads what TensorFlow sets up.
    measure(one)
    times = [(_seconds(partial(measure, one)), _seconds(partial(measure, several))) for _ in range(3)]
    single, eight = (statistics.median(column) for column in zip(*times, strict=True))
    yield Row("Eight layouts side by side, over one", eight / single, "×", 2)
    yield Row("    seconds until the first picture, warm", single, "s", 5)


@dataclass
class _Counter:
    steps: int = 0


def _over_two_networks() -> Callable[[Sequence[str]], Any]:
    """Measures layouts by their names, as a worker does once it has loaded members and data."""
    import keras
    import numpy as np

    from components.fusion.build_side_by_side import build_side_by_side
    from components.fusion.plan import plan
    from components.gradients.probe_batch import probe_samples
    from components.gradients.side_by_side import Aim, measure_side_by_side
    from components.models.intake import open_member
    from components.models.load import load_canonical
    from components.recipe import Data, Input, Member, Recipe, Target

    shape, members, models = (96, 96, 3), [], {}
    with tempfile.TemporaryDirectory() as folder:
        for name in "ab":
            file, canonical = Path(folder, f"{name}.keras"), Path(folder, f"{name}-member.keras")
            keras.applications.MobileNetV2(weights=None, input_shape=shape, classes=10).save(file)
            facts = open_member(file, file.name, canonical)
            members.append((Member(name=name, sha256=facts.sha256, file_name=file.name, cut_layer=facts.cut_layer), facts))
            models[name] = load_canonical(canonical)
    target = Target(name="class", task="multiclass", classes=tuple(map(str, range(10))))
    data = Data(sha256="", file_name="", inputs=(Input(name="image", array="image", shape=shape),), target=target)
    samples = probe_samples(models.values())
    random = np.random.default_rng(0)
    inputs = {"image": random.random((samples, *shape), np.float32)}
    aim = Aim(random.integers(0, 10, samples), [keras.losses.SparseCategoricalCrossentropy()])

    def measure(layouts: Sequence[str]) -> Any:
        plain = Recipe(members=tuple(member for member, _ in members), data=data)
        recipes = [
            plain.model_copy(update={"layout": layout, "graph": plan(layout, {}, members, data, None).graph})
            for layout in layouts
        ]
        return measure_side_by_side(recipes, build_side_by_side(recipes, models), inputs, [aim] * len(recipes))

    return measure


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
