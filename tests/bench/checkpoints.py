"""What it costs a run that it can be continued."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from tests.bench.bench import Row, bench

SECONDS = 30
SAMPLES = 4096
WIDTHS = {"100,000 weights": 260, "2 million weights": 1400}


@bench
def checkpoints() -> Iterator[Row]:
    """The share of a run's time that goes into writing its checkpoints, to the disk itself."""
    for name, width in WIDTHS.items():
        yield Row(f"Checkpoints of {name}, share of the run", 100 * _share(width), "%", 2)


def _share(width: int) -> float:
    import keras

    from components.data.samples import Samples
    from components.data.split import split
    from components.recipe import Data, FusionGraph, Input, InputNode, OutputNode, Recipe, Split, Target, Training
    from components.training.keeper import Keeper
    from components.training.run import train

    class Timed(Keeper):
        spent = 0.0

        def write(self, *arguments: Any) -> None:
            began = time.monotonic()
            super().write(*arguments)
            self.spent += time.monotonic() - began

    rng = np.random.default_rng(0)
    samples = Samples(
        {"x": rng.random((SAMPLES, 64), np.float32)}, rng.integers(0, 10, SAMPLES), "multiclass", np.arange(SAMPLES)
    )
    target = Target(name="digit", task="multiclass", classes=tuple("0123456789"))
    recipe = Recipe(
        data=Data(sha256="example:digits", file_name="Digits", inputs=(Input(name="x", shape=(64,)),), target=target),
        graph=FusionGraph(nodes=(InputNode(id="x", shape=(64,)), OutputNode(id="y", inputs=("x",)))),
        training=Training(epochs=100_000),
    )
    x = keras.Input((64,))
    h = keras.layers.Dense(width, "relu")(keras.layers.Dense(width, "relu")(x))
    model = keras.Model(x, keras.layers.Dense(10, "softmax")(h))
    with tempfile.TemporaryDirectory() as folder:
        keeper = Timed(recipe, Path(folder, "checkpoint.npz"))
        until = time.monotonic() + SECONDS
        trained = train(
            recipe, model, samples, split(samples, Split()), lambda point: None, lambda: time.monotonic() > until, keeper
        )
    return keeper.spent / trained.seconds
