"""What building and drawing a fused model costs, against a script written by hand for the same graph."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.bench.bench import Row, bench

ROUNDS = 7
SHAPE, CLASSES = (224, 224, 3), 1000


@bench
def fusion() -> Iterator[Row]:
    """The average of two MobileNetV2 from their files to Keras' own picture, in turns with the script."""
    import keras

    with tempfile.TemporaryDirectory() as folder:
        for name in "ab":
            keras.applications.MobileNetV2(weights=None, input_shape=SHAPE, classes=CLASSES).save(Path(folder, f"{name}.keras"))
        ours, by_hand = _ours(Path(folder)), _by_hand(Path(folder))
        times: list[tuple[float, float]] = []
        for _ in range(ROUNDS):
            times.append((_seconds(ours), _seconds(by_hand)))
    # The first round also imports and traces.
    whole, plain = (statistics.median(column) for column in zip(*times[1:], strict=True))
    yield Row("Two MobileNetV2 fused and drawn, over a script by hand", whole / plain, "×", 1.5)


def _ours(folder: Path) -> Callable[[], None]:
    """Members as they were taken in, loaded anew, a layout planned, built and drawn."""
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

    def work() -> None:
        models = {name: load_canonical(folder / f"{name}-member.keras") for name in "ab"}
        graph = plan("average", {}, members, data, None).graph
        recipe = Recipe(members=tuple(member for member, _ in members), data=data, graph=graph)
        plot.plot_model(build(recipe, models))

    return work


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


def _seconds(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
