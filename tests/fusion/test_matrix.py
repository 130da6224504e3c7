"""Every layout on every pair of members: it works everywhere, or is refused with a sentence. There is no third outcome."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from components.fusion.build import build
from components.fusion.layouts import LAYOUTS
from components.fusion.plan import Fitness, plannable
from components.fusion.script import write_script
from components.recipe import AdapterNode, Refusal
from tests.fusion.members import CASES, Case
from tests.plain_keras import PlainKeras

OVER_CLASSES = (
    *("logit-average", "product", "temperature", "majority-vote", "weighted-vote", "rank-average"),
    *("union", "confidence-cascade"),
)
"""Layouts that mean nothing for a target that is a number, or several labels at once."""

OF_THE_TARGET = (
    *("average", "weighted-average", "maximum", "minimum", "median", "mixture-of-experts", "boosting", "joint"),
    *OVER_CLASSES,
)
"""Layouts in which every member predicts the target itself."""

WITHOUT_GRADIENT = ("majority-vote", "weighted-vote", "rank-average")

CHAINS = ("series", "residual-series", "cascade")
"""Layouts in which the last member predicts the target."""

REFUSED: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("3 to 16 members; 2 chosen", ("trimmed-mean",), tuple(name for name in CASES if name != "three members")),
    ("needs 2 tokens or more", ("cross-attention",), tuple(name for name in CASES if name != "images of other sizes")),
    ("taken over classes", OVER_CLASSES, ("regression",)),
    ("taken over classes of which one is right", (*OVER_CLASSES, "boosting"), ("several labels", "labels and classes")),
    ("class probabilities that sum to 1", (*OF_THE_TARGET, *CHAINS), ("labels and classes",)),
    ("scores for 5 classes", (*OF_THE_TARGET, *CHAINS), ("other classes",)),
    ("scores for 5 classes", OF_THE_TARGET, ("other classes first",)),
    ("one yes/no probability", OF_THE_TARGET, ("binary and several classes",)),
    ("2 outputs", (*OF_THE_TARGET, "stacking", "cascade"), ("several outputs",)),
    ("whole numbers", CHAINS, ("whole numbers",)),
    ("known length", ("series",), ("dense and recurrent",)),
)
"""Words of the reason for which these layouts cannot be used with these pairs. No other cell of the matrix is refused."""

WIDE = ("average", "concatenate", "series", "cascade")
"""Layouts that meet every pair: together they put every adapter before a member, and the form of every head, to use."""

OF_THE_BUILD = {
    "same file twice": ("average",),
    "frozen and partly frozen": ("concatenate",),
    "dense and dense, equal layer names": ("average", "concatenate"),
}
"""Pairs that ask something of the copies of their members alone, whatever the layout: these meet them."""

SPREAD = ("sigmoid and two classes", "regression", "several labels", "three members")
"""The pairs that the other layouts meet: each form of a target, and of a head (one of the three members gives logits)."""

UNDER_A_HEAD = ("sigmoid and two classes", "three members")
"""Of those the ones that layouts over features meet, which see nothing of the members' own heads."""

BESIDES = (
    ("joint", "images and vectors"),
    ("joint", "two inputs"),
    ("joint", "other class orders"),
    ("stacking", "other classes"),
    ("mixture-of-experts", "images of other sizes"),
    ("cross-attention", "images of other sizes"),
    ("residual-series", "images of other sizes"),
    ("residual-series", "dense and recurrent"),
    ("union", "other class orders"),
    ("logit-average", "other class orders"),
)
"""What meets a single pair, for what it alone does with it."""


def _cells() -> Iterator[tuple[str, str]]:
    for name, layout in LAYOUTS.items():
        few = UNDER_A_HEAD if layout.family == "feature space" else SPREAD
        yield from ((name, case) for case in (CASES if name in WIDE else few) if name in OF_THE_BUILD.get(case, (name,)))
    yield from BESIDES


def _refused(layout: str, case: str) -> str | None:
    return next((words for words, layouts, cases in REFUSED if layout in layouts and case in cases), None)


RELOAD = """
results["test"] = test
outputs = keras.models.load_model("app.keras")(feed(np.arange(len(target))), training=False)
for place, output in enumerate(outputs if isinstance(outputs, list) else [outputs]):
    results[f"reloaded {place}"] = output.numpy()
"""


@cache
def _case(name: str) -> tuple[Case, dict[str, Fitness], Path]:
    """The pair, what fits it, and a folder with its files."""
    case = CASES[name]()
    folder = Path(tempfile.mkdtemp(dir=_ALL.name))
    for member, model in case.models.items():
        model.save(folder / f"{member}.keras")
    np.savez(folder / "data.npz", x=case.samples, y=case.labels)
    return case, plannable(case.members, case.data, None), folder


_ALL = tempfile.TemporaryDirectory()


@pytest.mark.parametrize(("layout", "case_name"), list(_cells()))
def test_a_layout_works_everywhere_or_is_refused_with_a_sentence(layout: str, case_name: str, eager_keras: PlainKeras) -> None:
    case, fits, folder = _case(case_name)
    answer = fits[layout]
    words = _refused(layout, case_name)
    if words is not None:
        with pytest.raises(Refusal) as refusal:
            case.plan(layout)
        assert answer.refusal == refusal.value.sentence
        assert words in refusal.value.sentence
        return
    recipe = case.recipe(layout)
    adapters = [node for node in recipe.graph.nodes if isinstance(node, AdapterNode)]
    assert answer.refusal is None and len(answer.adapters) == len(adapters)
    model = build(recipe, case.models)
    predictions = case.predict(model)

    paths = [weight.path for weight in model.weights]
    assert len(set(paths)) == len(paths)

    model.save(folder / "app.keras")
    script, _, _ = write_script(recipe, case.facts).partition("# Training\n")
    with ThreadPoolExecutor(1) as other:
        running = other.submit(eager_keras.run, script + RELOAD, folder)
        _train_one_step(layout, case, model, predictions)
        results = running.result()
    np.testing.assert_allclose(results["before training"], predictions[-1][results["test"]], atol=1e-6)
    for place, ours in enumerate(predictions):
        np.testing.assert_allclose(results[f"reloaded {place}"], ours, atol=1e-6)


def _goal(case: Case) -> np.ndarray:
    if case.target.task == "regression":
        return case.labels[:, None]
    if case.target.task == "multilabel":
        return case.labels.astype("float32")
    numbers = np.unique(case.labels, return_inverse=True)[1]
    return np.eye(3, dtype="float32")[numbers] if case.target.task == "multiclass" else numbers[:, None].astype("float32")


def _train_one_step(layout: str, case: Case, model: keras.Model, predictions: list[np.ndarray]) -> None:
    """The gradient of the squared error is what a small step along it shows; of a vote there is none."""
    goal, feed = _goal(case), case.feed(model)

    def loss() -> tf.Tensor:
        given = model(feed if len(feed) > 1 else feed[0], training=False)
        return sum(tf.reduce_mean((each - goal) ** 2) for each in (given if isinstance(given, list) else [given]))

    weights = [weight.value for weight in model.trainable_weights]
    with tf.GradientTape() as tape:
        before = loss()
    assert float(before) == pytest.approx(sum(np.mean((each - goal) ** 2) for each in predictions), rel=1e-5)
    pairs = [(weight, each) for weight, each in zip(weights, tape.gradient(before, weights), strict=True) if each is not None]
    if layout in WITHOUT_GRADIENT:
        assert not pairs
        return
    square = sum(float(tf.reduce_sum(tf.convert_to_tensor(each) ** 2)) for _, each in pairs)
    assert 0 < square < np.inf
    length = 1e-3 / np.sqrt(square)
    for weight, each in pairs:
        weight.assign_sub(length * tf.convert_to_tensor(each))
    assert float(loss()) - float(before) == pytest.approx(-length * square, rel=0.3, abs=3e-7)
