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
    """Processor time of the whole way of a file of random weights, over that of `load_model` in this process, in turns."""
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
            times = []
            for _ in range(ROUNDS):
                plain = _timed(lambda: keras.models.load_model(path, compile=False))
                whole = _timed(lambda: open_member(path, path.name, canonical))
                times.append((*whole, *plain))
            # The first round also imports and traces.
            processor, clock, plain_processor, plain_clock = map(statistics.median, zip(*times[1:], strict=True))
            yield Row(f"Intake of {name}, over load_model", processor / plain_processor, "×", 1.5)
            print(f"    by the clock, which others slow down: {clock / plain_clock:.2f} × of {plain_clock:.2f} s")


def _timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds of the processor and of the clock."""
    processor, clock = time.process_time(), time.perf_counter()
    work()
    return time.process_time() - processor, time.perf_counter() - clock
