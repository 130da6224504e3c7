"""What building and drawing a fused model costs, against a script written by hand for the same graph."""

from __future__ import annotations

import gc
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from tests.bench.bench import Row, bench

ROUNDS = 7
SHAPE, CLASSES = (224, 224, 3), 1000

Result = TypeVar("Result")


@bench
def fusion() -> Iterator[Row]:
    """The average of two MobileNetV2 from their files to Keras' own picture, in turns with the script."""
    import keras

    with tempfile.TemporaryDirectory() as folder:
        for name in "ab":
            keras.applications.MobileNetV2(weights=None, input_shape=SHAPE, classes=CLASSES).save(Path(folder, f"{name}.keras"))
        load, fuse = _ours(Path(folder))
        by_hand = _by_hand(Path(folder))
        times: list[tuple[float, float, float]] = []
        for _ in range(ROUNDS):
            loading, members = _timed(load)
            fusing, _ = _timed(partial(fuse, members))
            times.append((loading, fusing, _timed(by_hand)[0]))
    # The first round also imports and traces.
    loading, fusing, plain = (statistics.median(column) for column in zip(*times[1:], strict=True))
    yield Row("Two MobileNetV2 from files to a drawn fusion, over a script by hand", (loading + fusing) / plain, "×", 1.5)
    yield Row("    with the members at hand, as a worker has them from then on", fusing / plain, "×", 1.5)


def _ours(folder: Path) -> tuple[Callable[[], dict[str, Any]], Callable[[dict[str, Any]], None]]:
    """Members as they were taken in are loaded anew; then a layout is planned, built and drawn."""
    from components.engine import plot
    from components.fusion.build import build
    from components.fusion.plan import plan
    from components.models.intake import open_member
    from components.models.load import load_canonical
    from components.recipe import Data, Input, Member, Recipe, Target

    members = []
    for name in "ab":
        facts = open_member(folder / f"{name}.keras", f"{name}.keras", folder / f"{name}-member.keras")
        members.append((Member(name=name, sha256=facts.sha256, file_name=facts.file_name), facts))
    target = Target(name="class", task="multiclass", classes=tuple(map(str, range(CLASSES))))
    data = Data(sha256="", file_name="", inputs=(Input(name="image", array="image", shape=SHAPE),), target=target)

    def load() -> dict[str, Any]:
        return {name: load_canonical(folder / f"{name}-member.keras") for name in "ab"}

    def fuse(models: dict[str, Any]) -> None:
        graph = plan("average", {}, members, data, None).graph
        recipe = Recipe(members=tuple(member for member, _ in members), data=data, graph=graph)
        plot.plot_model(build(recipe, models))

    return load, fuse


def _by_hand(folder: Path) -> Callable[[], None]:
    """What a person would write for the same graph, with the same names and the same drawing program."""
    import keras

    from components.engine import plot

    def work() -> None:
        members: list[Any] = [keras.models.load_model(folder / f"{name}.keras", compile=False) for name in "ab"]
        for name, member in zip("ab", members, strict=True):
            member.name = name
            for layer in member.layers:
                layer.name = f"{name}.{layer.name}"
        image = keras.Input(SHAPE, name="image")
        fused = keras.Model(image, keras.layers.Average(name="average")([member(image) for member in members]))
        dot = keras.utils.model_to_dot(
            fused, show_shapes=True, expand_nested=True, show_layer_activations=True, show_trainable=True
        )
        dot.obj_dict["attributes"].pop("dpi", None)
        plot.draw(dot.to_string(), "svg")

    return work


def _timed(work: Callable[[], Result]) -> tuple[float, Result]:
    """Seconds of some work, and what came of it; the garbage of what came before is not on its bill."""
    gc.collect()
    gc.disable()
    began = time.perf_counter()
    result = work()
    seconds = time.perf_counter() - began
    gc.enable()
    return seconds, result
