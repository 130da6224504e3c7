"""Trains the members on the shelf, from data that comes with scikit-learn, with plain Keras. Takes well under a minute.

    python assets/members/train_members.py

Writes the `.keras` files and `members.json` beside this script. Each member sees another random 60 % of the training split, so
that members of one dataset make different mistakes and their fusion has something to gain. The test split is the one that the
app draws by default (20 %, seed 0), and no member has seen it. `score` is the accuracy there, for diabetes the mean absolute
error.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers
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
    """How one member is made and what the shelf says of it."""

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

    @property
    def metric(self) -> str:
        """What `score` is."""
        return "mean_absolute_error" if self.loss == "mean_squared_error" else "accuracy"


def load(dataset: str) -> Data:
    """The dataset and the app's default splits: 20 % test, then 20 % validation, seed 0, classes in proportion."""
    loader = {"digits": datasets.load_digits, "breast-cancer": datasets.load_breast_cancer, "diabetes": datasets.load_diabetes}
    bunch = loader[dataset]()
    x = bunch.data.astype("float32") / (16 if dataset == "digits" else 1)
    size = round(0.2 * len(x))
    classes = None if dataset == "diabetes" else bunch.target
    rest, test = train_test_split(np.arange(len(x)), test_size=size, random_state=0, stratify=classes)
    of_rest = None if classes is None else classes[rest]
    training, _ = train_test_split(rest, test_size=size, random_state=0, stratify=of_rest)
    return Data(x, bunch.target.astype("float32" if classes is None else "int64"), np.sort(training), np.sort(test))


def digits_mlp(x: np.ndarray) -> keras.Model:
    """64 numbers → 10 class probabilities."""
    return keras.Sequential(
        [
            keras.Input((64,), name="pixels"),
            layers.Dense(48, activation="relu", name="hidden"),
            layers.Dropout(0.2, name="dropout"),
            layers.Dense(10, activation="softmax", name="digit"),
        ],
        name="digits_mlp",
    )


def digits_cnn(x: np.ndarray) -> keras.Model:
    """Images of 8 × 8 → 10 logits."""
    image = keras.Input((8, 8, 1), name="image")
    flow = image
    for block, filters in enumerate((12, 24), start=1):
        flow = layers.Conv2D(filters, 3, padding="same", use_bias=False, name=f"conv_{block}")(flow)
        flow = layers.BatchNormalization(momentum=0.9, name=f"norm_{block}")(flow)
        flow = layers.ReLU(name=f"relu_{block}")(flow)
        flow = layers.MaxPooling2D(name=f"pool_{block}")(flow)
    flow = layers.Flatten(name="flatten")(flow)
    return keras.Model(image, layers.Dense(10, name="digit")(flow), name="digits_cnn")


def table(name: str, widths: tuple[int, ...], activation: str, last: str) -> Callable[[np.ndarray], keras.Model]:
    """Columns, standardised within the model, through dense layers of these widths to one number."""

    def build(x: np.ndarray) -> keras.Model:
        normalization = layers.Normalization(name="normalization")
        normalization.adapt(x)
        hidden = [layers.Dense(width, activation=activation, name=f"dense_{i}") for i, width in enumerate(widths, start=1)]
        head = layers.Dense(1, activation=last, name="prediction")
        return keras.Sequential([keras.Input((x.shape[1],), name="columns"), normalization, *hidden, head], name=name)

    return build


RECIPES = (
    Recipe(
        name="digits-mlp",
        title="Digits, dense",
        dataset="example:digits",
        sentence="A dense network on the 64 pixels, with class probabilities at its end.",
        build=digits_mlp,
        loss="sparse_categorical_crossentropy",
        epochs=18,
        learning_rate=3e-3,
        seed=1,
        scaling="unit",
    ),
    Recipe(
        name="digits-cnn",
        title="Digits, convolutional",
        dataset="example:digits",
        sentence="Two convolutions with batch normalisation on the 8 × 8 image, with logits at its end.",
        build=digits_cnn,
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        epochs=7,
        learning_rate=2e-3,
        seed=2,
        scaling="unit",
    ),
    Recipe(
        name="cancer-wide",
        title="Breast cancer, wide",
        dataset="example:breast-cancer",
        sentence="One wide dense layer over 30 standardised measurements; the probability that a tumour is benign.",
        build=table("cancer_wide", (64,), "relu", "sigmoid"),
        loss="binary_crossentropy",
        epochs=8,
        learning_rate=2e-3,
        seed=3,
    ),
    Recipe(
        name="cancer-deep",
        title="Breast cancer, deep",
        dataset="example:breast-cancer",
        sentence="Four narrow dense layers over 30 standardised measurements; the probability that a tumour is benign.",
        build=table("cancer_deep", (16, 16, 16, 16), "tanh", "sigmoid"),
        loss="binary_crossentropy",
        epochs=8,
        learning_rate=2e-3,
        seed=4,
    ),
    Recipe(
        name="diabetes-wide",
        title="Diabetes, wide",
        dataset="example:diabetes",
        sentence="One wide dense layer over ten measurements; the progression of the disease in a year.",
        build=table("diabetes_wide", (64,), "relu", "linear"),
        loss="mean_squared_error",
        epochs=60,
        learning_rate=1e-2,
        seed=5,
    ),
    Recipe(
        name="diabetes-deep",
        title="Diabetes, deep",
        dataset="example:diabetes",
        sentence="Three dense layers over ten measurements; the progression of the disease in a year.",
        build=table("diabetes_deep", (16, 16, 16), "relu", "linear"),
        loss="mean_squared_error",
        epochs=60,
        learning_rate=5e-3,
        seed=6,
    ),
)


def train(recipe: Recipe) -> dict[str, Any]:
    """Trains one member, writes its file, and returns its entry for the shelf."""
    keras.utils.set_random_seed(recipe.seed)
    data = load(recipe.dataset.removeprefix("example:"))
    seen = np.random.default_rng(recipe.seed).choice(data.training, round(SHARE_SEEN * len(data.training)), replace=False)
    model = recipe.build(data.x[seen])
    x = data.x.reshape(-1, *model.input_shape[1:])
    model.compile(keras.optimizers.Adam(recipe.learning_rate), recipe.loss, metrics=[recipe.metric])
    model.fit(x[seen], data.y[seen], batch_size=32, epochs=recipe.epochs, verbose=0)
    score = model.evaluate(x[data.test], data.y[data.test], verbose=0)[1]
    bare = type(model).from_config(model.get_config())  # without optimizer and loss
    bare.set_weights(model.get_weights())
    bare.save(FOLDER / f"{recipe.name}.keras")
    shown = ("name", "title", "dataset", "sentence", "scaling")
    return {"file": f"{recipe.name}.keras", **{key: getattr(recipe, key) for key in shown}, "score": round(float(score), 4)}


if __name__ == "__main__":
    members = [train(recipe) for recipe in RECIPES]
    (FOLDER / "members.json").write_text(json.dumps(members, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    for member in members:
        print(f"{member['score']:8.4f}  {member['title']}")
