"""How long a model file takes from upload to member, against Keras alone."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.bench.bench import Row, bench

ROUNDS = 9


@bench
def intake() -> Iterator[Row]:
    """The whole way of a file of random weights, over `load_model` of the same file in this process, in turns."""
    import keras

    from components.models.intake import open_member

    def dense() -> Any:
        hidden = [keras.layers.Dense(256, activation="relu") for _ in range(11)]
        return keras.Sequential([keras.Input((784,)), *hidden, keras.layers.Dense(10, activation="softmax")])

    models: dict[str, Callable[[], Any]] = {
        "MobileNetV2": lambda: keras.applications.MobileNetV2(weights=None),
        "ResNet50": lambda: keras.applications.ResNet50(weights=None),
        "12 dense layers": dense,
    }
    with tempfile.TemporaryDirectory() as folder:
        path, canonical = Path(folder, "model.keras"), Path(folder, "member.keras")
        for name, make in models.items():
            make().save(path)
            times: list[tuple[float, float]] = []
            for _ in range(ROUNDS):
                began = time.perf_counter()
                keras.models.load_model(path, compile=False)
                loaded = time.perf_counter()
                open_member(path, path.name, canonical)
                times.append((time.perf_counter() - loaded, loaded - began))
            # The first round also imports and traces.
            whole, plain = (statistics.median(column) for column in zip(*times[1:], strict=True))
            yield Row(f"Intake of {name}, over load_model", whole / plain, "×", 1.5)
