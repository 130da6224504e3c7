"""Trains the members on the shelf, from data that comes with scikit-learn, with plain Keras. Takes about a minute.

    python assets/members/train_members.py

Writes the `.keras` files and `members.json` beside this script. Each member sees another random 60 % of the training split, so
that members of one dataset make different mistakes and their fusion has something to gain. The test split is the one that the
app draws by default (20 %, seed 0), and no member has seen it. `score` is the accuracy there, for diabetes the mean absolute
error, and for a specialist the accuracy on the samples of its own classes.

Some members are for what is done with weights. The two specialists start from the weights of `digits-base`, so that the three
lie close together; `digits-dense-a` and `digits-dense-b` are alike in all but their seeds and share nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import keras
import networks
import numpy as np
from sklearn import datasets
from sklearn.model_selection import train_test_split

FOLDER = Path(__file__).parent
SHARE_SEEN = 0.6


@dataclass(frozen=True)
class Data:
    """A dataset as the members want it: inputs, targets, and the positions of the training and test splits."""

    x: np.ndarray
    y: np.ndarray
    training: np.ndarray
    test: np.ndarray


@dataclass(frozen=True)
class Recipe:
    """How one member is made and what the shelf says of it.

    `base` names the member, earlier in the list, from whose weights it starts. `classes` are those that it is trained on, all
    where none is named; with `own_head` it has a unit for each of these alone.
    """

    name: str
    title: str
    dataset: str
    sentence: str
    build: Callable[[np.ndarray], keras.Model]
    loss: Any
    epochs: int
    learning_rate: float
    seed: int
    scaling: str = "none"
    base: str = ""
    classes: tuple[int, ...] = ()
    own_head: bool = False

    @property
    def metric(self) -> str:
        """What `score` is."""
        return "mean_absolute_error" if self.loss == "mean_squared_error" else "accuracy"


def load(dataset: str) -> Data:
    """The dataset and the app's default splits: 20 % test, then 20 % validation, seed 0, classes in proportion."""
    bunch = getattr(datasets, f"load_{dataset.replace('-', '_')}")()
    x = bunch.data.astype("float32") / (16 if dataset == "digits" else 1)
    size = round(0.2 * len(x))
    classes = None if dataset == "diabetes" else bunch.target
    rest, test = train_test_split(np.arange(len(x)), test_size=size, random_state=0, stratify=classes)
    of_rest = None if classes is None else classes[rest]
    training, _ = train_test_split(rest, test_size=size, random_state=0, stratify=of_rest)
    return Data(x, bunch.target.astype("float32" if classes is None else "int64"), np.sort(training), np.sort(test))


CLASSES = "sparse_categorical_crossentropy"

digits = partial(Recipe, dataset="example:digits", loss=CLASSES, scaling="unit")
cancer = partial(Recipe, dataset="example:breast-cancer", loss="binary_crossentropy")
wine = partial(Recipe, dataset="example:wine", loss=CLASSES)
diabetes = partial(Recipe, dataset="example:diabetes", loss="mean_squared_error")

RECIPES = (
    digits(
        name="digits-mlp",
        title="Digits, dense",
        sentence="A dense network on the 64 pixels, with class probabilities at its end.",
        build=networks.digits_mlp,
        epochs=18,
        learning_rate=3e-3,
        seed=1,
    ),
    digits(
        name="digits-cnn",
        title="Digits, convolutional",
        sentence="Two convolutions with batch normalisation on the 8 × 8 image, with logits at its end.",
        build=networks.digits_cnn,
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        epochs=7,
        learning_rate=2e-3,
        seed=2,
    ),
    digits(
        name="digits-gru",
        title="Digits, recurrent",
        sentence="Reads the image row by row, eight steps of eight pixels, with class probabilities at its end.",
        build=networks.digits_gru,
        epochs=20,
        learning_rate=3e-3,
        seed=7,
    ),
    digits(
        name="digits-dense-a",
        title="Digits, two layers of 64, first",
        sentence="Dense layers alone; its twin differs in nothing but the seed.",
        build=networks.digits_dense,
        epochs=20,
        learning_rate=1e-3,
        seed=8,
    ),
    digits(
        name="digits-dense-b",
        title="Digits, two layers of 64, second",
        sentence="Dense layers alone; its twin differs in nothing but the seed.",
        build=networks.digits_dense,
        epochs=20,
        learning_rate=1e-3,
        seed=9,
    ),
    digits(
        name="digits-base",
        title="Digits, base of two specialists",
        sentence="A short training on all digits, from which both specialists go on.",
        build=networks.digits_dense,
        epochs=6,
        learning_rate=1e-3,
        seed=10,
    ),
    digits(
        name="digits-low",
        title="Digits, specialist for 0 to 4",
        sentence="Goes on from the base with the digits 0 to 4 alone.",
        build=networks.digits_dense,
        epochs=10,
        learning_rate=1e-3,
        seed=11,
        base="digits-base",
        classes=(0, 1, 2, 3, 4),
    ),
    digits(
        name="digits-high",
        title="Digits, specialist for 5 to 9",
        sentence="Goes on from the base with the digits 5 to 9 alone.",
        build=networks.digits_dense,
        epochs=10,
        learning_rate=1e-3,
        seed=12,
        base="digits-base",
        classes=(5, 6, 7, 8, 9),
    ),
    digits(
        name="digits-only-0-4",
        title="Digits, only 0 to 4",
        sentence="Has five outputs and knows of no other digit.",
        build=networks.digits_five,
        epochs=15,
        learning_rate=3e-3,
        seed=15,
        classes=(0, 1, 2, 3, 4),
        own_head=True,
    ),
    digits(
        name="digits-only-5-9",
        title="Digits, only 5 to 9",
        sentence="Has five outputs and knows of no other digit.",
        build=networks.digits_five,
        epochs=15,
        learning_rate=3e-3,
        seed=16,
        classes=(5, 6, 7, 8, 9),
        own_head=True,
    ),
    cancer(
        name="cancer-wide",
        title="Breast cancer, wide",
        sentence="One wide dense layer over 30 standardised measurements; the probability that a tumour is benign.",
        build=networks.table("cancer_wide", (64,), "relu", "sigmoid"),
        epochs=8,
        learning_rate=2e-3,
        seed=3,
    ),
    cancer(
        name="cancer-deep",
        title="Breast cancer, deep",
        sentence="Four narrow dense layers over 30 standardised measurements; the probability that a tumour is benign.",
        build=networks.table("cancer_deep", (16, 16, 16, 16), "tanh", "sigmoid"),
        epochs=8,
        learning_rate=2e-3,
        seed=4,
    ),
    wine(
        name="wine-wide",
        title="Wine, wide",
        sentence="One wide dense layer over 13 standardised measurements; the probabilities of three growers.",
        build=networks.table("wine_wide", (48,), "relu", "softmax", units=3),
        epochs=12,
        learning_rate=3e-3,
        seed=13,
    ),
    wine(
        name="wine-deep",
        title="Wine, deep",
        sentence="Three narrow dense layers over 13 standardised measurements; the probabilities of three growers.",
        build=networks.table("wine_deep", (12, 12, 12), "tanh", "softmax", units=3),
        epochs=15,
        learning_rate=3e-3,
        seed=14,
    ),
    diabetes(
        name="diabetes-wide",
        title="Diabetes, wide",
        sentence="One wide dense layer over ten measurements; the progression of the disease in a year.",
        build=networks.table("diabetes_wide", (64,), "relu", "linear"),
        epochs=60,
        learning_rate=1e-2,
        seed=5,
    ),
    diabetes(
        name="diabetes-deep",
        title="Diabetes, deep",
        sentence="Three dense layers over ten measurements; the progression of the disease in a year.",
        build=networks.table("diabetes_deep", (16, 16, 16), "relu", "linear"),
        epochs=60,
        learning_rate=5e-3,
        seed=6,
    ),
)


def train(recipe: Recipe) -> dict[str, Any]:
    """Trains one member, writes its file, and returns its entry for the shelf."""
    keras.utils.set_random_seed(recipe.seed)
    data = load(recipe.dataset.removeprefix("example:"))
    training, test = data.training, data.test
    if recipe.classes:
        training, test = (part[np.isin(data.y[part], recipe.classes)] for part in (training, test))
    seen = np.random.default_rng(recipe.seed).choice(training, round(SHARE_SEEN * len(training)), replace=False)
    model = recipe.build(data.x[seen])
    if recipe.base:
        model.load_weights(FOLDER / f"{recipe.base}.keras")
    x, y = data.x.reshape(-1, *model.input_shape[1:]), data.y
    if recipe.own_head:
        y = np.searchsorted(recipe.classes, y)
    model.compile(keras.optimizers.Adam(recipe.learning_rate), recipe.loss, metrics=[recipe.metric])
    model.fit(x[seen], y[seen], batch_size=32, epochs=recipe.epochs, verbose=0)
    score = model.evaluate(x[test], y[test], verbose=0)[1]
    bare = type(model).from_config(model.get_config())  # without optimizer and loss
    bare.set_weights(model.get_weights())
    bare.save(FOLDER / f"{recipe.name}.keras")
    shown = {key: getattr(recipe, key) for key in ("name", "title", "dataset", "sentence", "scaling")}
    own = {"classes": [str(number) for number in recipe.classes], "own_head": recipe.own_head} if recipe.classes else {}
    return {"file": f"{recipe.name}.keras", **shown, **own, "metric": recipe.metric, "score": round(float(score), 4)}


if __name__ == "__main__":
    members = [train(recipe) for recipe in RECIPES]
    (FOLDER / "members.json").write_text(json.dumps(members, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    for member in members:
        print(f"{member['score']:8.4f}  {member['title']}")
