import keras
import numpy as np
import pytest
from sklearn import datasets

from components.data.samples import Samples
from components.data.split import split
from components.recipe import (
    Data,
    FusionGraph,
    Input,
    InputNode,
    Member,
    MemberNode,
    OutputNode,
    Recipe,
    Split,
    Target,
    Training,
)

CLASSES = tuple("0123456789")


@pytest.fixture(scope="session")
def digits():
    """Samples of digits in 0–1 with their splits."""
    bunch = datasets.load_digits()
    samples = Samples(
        {"x": (bunch.data / 16).astype(np.float32)}, bunch.target.astype(np.int64), "multiclass", np.arange(len(bunch.target))
    )
    return samples, split(samples, Split())


@pytest.fixture
def recipe():
    """Makes a recipe whose graph feeds `x` to one member."""

    def recipe(target=None, seed=0, **training):
        nodes = (
            InputNode(id="x", shape=(64,)),
            MemberNode(id="m", member="m", inputs=("x",)),
            OutputNode(id="y", inputs=("m",)),
        )
        target = target or Target(name="digit", task="multiclass", classes=CLASSES)
        return Recipe(
            members=(Member(name="m", sha256="0" * 64, file_name="m.keras"),),
            data=Data(sha256="example:digits", file_name="Digits", inputs=(Input(name="x", shape=(64,)),), target=target),
            graph=FusionGraph(nodes=nodes),
            training=Training(**training),
            seed=seed,
        )

    return recipe


@pytest.fixture
def network():
    """Makes a small network with dropout and batch normalisation, which both keep a state beside the weights."""

    def network(units=10, activation="softmax", inputs=64, seed=1):
        keras.utils.set_random_seed(seed)
        x = keras.Input((inputs,), name="x")
        h = keras.layers.Dense(16, activation="relu")(x)
        h = keras.layers.BatchNormalization()(h)
        h = keras.layers.Dropout(0.2, seed=5)(h)
        return keras.Model(x, keras.layers.Dense(units, activation=activation)(h))

    return network
