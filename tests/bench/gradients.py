"""What a look at the gradients costs, in training steps."""

from __future__ import annotations

import itertools
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.bench.bench import Row, bench

MEMBERS = Path(__file__).resolve().parents[2] / "assets" / "members"
ROUNDS = 60


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


def _fused() -> tuple[Any, Any, dict[str, Any], Any]:
    """The demo members' digits, joined by a head, with a batch of 256."""
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
    samples = load_samples(data, None)
    return recipe, build(recipe, models), {name: array[:256] for name, array in samples.inputs.items()}, samples.target[:256]


def _ratio(one: Callable[[], Any], other: Callable[[], Any]) -> float:
    """The median time of one over that of the other, in turns so that both meet the same machine; the first turns trace."""
    times: tuple[list[float], list[float]] = ([], [])
    for turn, (kept, work) in itertools.product(range(ROUNDS), zip(times, (one, other), strict=True)):
        began = time.perf_counter()
        work()
        if turn >= 3:
            kept.append(time.perf_counter() - began)
    return statistics.median(times[0]) / statistics.median(times[1])
