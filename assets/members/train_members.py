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
    """How one member is made and what the shelf says of it.

    `base` names the member, earlier in the list, from whose weights it starts; `classes` are those that it is trained on, all
    where none is named.
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


def digits_gru(x: np.ndarray) -> keras.Model:
    """The 8 rows of an image, one after the other → 10 class probabilities."""
    rows = keras.Input((8, 8), name="rows")
    read = layers.GRU(32, name="gru")(rows)
    return keras.Model(rows, layers.Dense(10, activation="softmax", name="digit")(read), name="digits_gru")


def digits_dense(x: np.ndarray) -> keras.Model:
    """64 numbers through two layers of 64 units → 10 class probabilities; nothing but dense layers."""
    return keras.Sequential(
        [
            keras.Input((64,), name="pixels"),
            layers.Dense(64, activation="relu", name="hidden_1"),
            layers.Dense(64, activation="relu", name="hidden_2"),
            layers.Dense(10, activation="softmax", name="digit"),
        ],
        name="digits_dense",
    )


def table(
    name: str, widths: tuple[int, ...], activation: str, last: str, units: int = 1
) -> Callable[[np.ndarray], keras.Model]:
    """Columns, standardised within the model, through dense layers of these widths to one number or to as many as `units`."""

    def build(x: np.ndarray) -> keras.Model:
        normalization = layers.Normalization(name="normalization")
        normalization.adapt(x)
        hidden = [layers.Dense(width, activation=activation, name=f"dense_{i}") for i, width in enumerate(widths, start=1)]
        head = layers.Dense(units, activation=last, name="prediction")
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
        name="digits-gru",
        title="Digits, recurrent",
        dataset="example:digits",
        sentence="Reads the image row by row, eight steps of eight pixels, with class probabilities at its end.",
        build=digits_gru,
        loss="sparse_categorical_crossentropy",
        epochs=20,
        learning_rate=3e-3,
        seed=7,
        scaling="unit",
    ),
    Recipe(
        name="digits-dense-a",
        title="Digits, two layers of 64, first",
        dataset="example:digits",
        sentence="Dense layers alone; its twin differs in nothing but the seed.",
        build=digits_dense,
        loss="sparse_categorical_crossentropy",
        epochs=20,
        learning_rate=1e-3,
        seed=8,
        scaling="unit",
    ),
    Recipe(
        name="digits-dense-b",
        title="Digits, two layers of 64, second",
        dataset="example:digits",
        sentence="Dense layers alone; its twin differs in nothing but the seed.",
        build=digits_dense,
        loss="sparse_categorical_crossentropy",
        epochs=20,
        learning_rate=1e-3,
        seed=9,
        scaling="unit",
    ),
    Recipe(
        name="digits-base",
        title="Digits, base of two specialists",
        dataset="example:digits",
        sentence="A short training on all digits, from which both specialists go on.",
        build=digits_dense,
        loss="sparse_categorical_crossentropy",
        epochs=6,
        learning_rate=1e-3,
        seed=10,
        scaling="unit",
    ),
    Recipe(
        name="digits-low",
        title="Digits, specialist for 0 to 4",
        dataset="example:digits",
        sentence="Goes on from the base with the digits 0 to 4 alone.",
        build=digits_dense,
        loss="sparse_categorical_crossentropy",
        epochs=10,
        learning_rate=1e-3,
        seed=11,
        scaling="unit",
        base="digits-base",
        classes=(0, 1, 2, 3, 4),
    ),
    Recipe(
        name="digits-high",
        title="Digits, specialist for 5 to 9",
        dataset="example:digits",
        sentence="Goes on from the base with the digits 5 to 9 alone.",
        build=digits_dense,
        loss="sparse_categorical_crossentropy",
        epochs=10,
        learning_rate=1e-3,
        seed=12,
        scaling="unit",
        base="digits-base",
        classes=(5, 6, 7, 8, 9),
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
        name="wine-wide",
        title="Wine, wide",
        dataset="example:wine",
        sentence="One wide dense layer over 13 standardised measurements; the probabilities of three growers.",
        build=table("wine_wide", (48,), "relu", "softmax", units=3),
        loss="sparse_categorical_crossentropy",
        epochs=12,
        learning_rate=3e-3,
        seed=13,
    ),
    Recipe(
        name="wine-deep",
        title="Wine, deep",
        dataset="example:wine",
        sentence="Three narrow dense layers over 13 standardised measurements; the probabilities of three growers.",
        build=table("wine_deep", (12, 12, 12), "tanh", "softmax", units=3),
        loss="sparse_categorical_crossentropy",
        epochs=15,
        learning_rate=3e-3,
        seed=14,
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
    training, test = data.training, data.test
    if recipe.classes:
        training, test = (part[np.isin(data.y[part], recipe.classes)] for part in (training, test))
    seen = np.random.default_rng(recipe.seed).choice(training, round(SHARE_SEEN * len(training)), replace=False)
    model = recipe.build(data.x[seen])
    if recipe.base:
        model.load_weights(FOLDER / f"{recipe.base}.keras")
    x = data.x.reshape(-1, *model.input_shape[1:])
    model.compile(keras.optimizers.Adam(recipe.learning_rate), recipe.loss, metrics=[recipe.metric])
    model.fit(x[seen], data.y[seen], batch_size=32, epochs=recipe.epochs, verbose=0)
    score = model.evaluate(x[test], data.y[test], verbose=0)[1]
    bare = type(model).from_config(model.get_config())  # without optimizer and loss
    bare.set_weights(model.get_weights())
    bare.save(FOLDER / f"{recipe.name}.keras")
    shown = {key: getattr(recipe, key) for key in ("name", "title", "dataset", "sentence", "scaling")}
    own = {"classes": [str(number) for number in recipe.classes]} if recipe.classes else {}
    return {"file": f"{recipe.name}.keras", **shown, **own, "metric": recipe.metric, "score": round(float(score), 4)}


if __name__ == "__main__":
    members = [train(recipe) for recipe in RECIPES]
    (FOLDER / "members.json").write_text(json.dumps(members, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    for member in members:
        print(f"{member['score']:8.4f}  {member['title']}")
