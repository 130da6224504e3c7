"""What merging is for, on the digits with networks that are trained here: these take the time of this folder."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np
import pytest
from keras import layers
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

from components.models.weight_space.facts import Merging, Score
from components.models.weight_space.merge import merge
from components.models.weight_space.samples import Samples

X, Y = load_digits(return_X_y=True)
TRAINING, VALIDATION, TRAINING_Y, VALIDATION_Y = train_test_split(
    (X / 16).astype("float32"), Y, test_size=0.3, random_state=0, stratify=Y
)


def network() -> keras.Model:
    return keras.Sequential(
        [keras.Input((64,)), *(layers.Dense(64, activation="relu") for _ in range(2)), layers.Dense(10, activation="softmax")]
    )


def trained(seed: int, epochs: int, start: keras.Model | None = None, only: Sequence[int] = range(10)) -> keras.Model:
    """A network trained by scikit-learn, from a start of its own or from another network's weights, on some of the digits."""
    rows = np.isin(TRAINING_Y, only)
    rate = 3e-3 if start is None else 1e-3
    machine = MLPClassifier((64, 64), batch_size=64, learning_rate_init=rate, random_state=seed)
    machine.partial_fit(TRAINING[rows][:64], TRAINING_Y[rows][:64], classes=range(10))
    if start is not None:
        for array, weight in zip(machine.coefs_ + machine.intercepts_, start.weights[::2] + start.weights[1::2], strict=True):
            array[...] = weight
    for _ in range(epochs):
        machine.partial_fit(TRAINING[rows], TRAINING_Y[rows])
    model = network()
    model.set_weights([array for pair in zip(machine.coefs_, machine.intercepts_, strict=True) for array in pair])
    return model


def judge(model: keras.Model) -> Score:
    """By NumPy, from plain Keras' predictions."""
    said = np.asarray(model(VALIDATION))
    loss = -np.log(said[np.arange(len(said)), VALIDATION_Y] + 1e-7).mean()
    return Score(loss=float(loss), metric=float((said.argmax(axis=1) == VALIDATION_Y).mean()))


SAMPLES = Samples(inputs=[TRAINING], score=judge)


def test_independent_networks_average_only_when_aligned() -> None:
    """Means over four pairs, in accuracy: to align brings the average close to the members, and to repair it closer."""
    found = []
    for seed in range(4):
        pair = {"a": trained(2 * seed, 25), "b": trained(2 * seed + 1, 25)}
        report = merge(pair, Merging(align=True, repair=True), samples=SAMPLES).report
        assert report.similarity is not None and report.similarity.verdict == "independent"
        assert report.aligned[0].cosine > report.similarity.members[0].cosine + 0.2
        assert [curve.title for curve in report.curves] == ["as they are", "aligned", "aligned, repaired"]
        assert report.curves[1].barrier < 0.3 * report.curves[0].barrier
        middle = [curve.points[5].metric for curve in report.curves]
        assert report.scores[-1].metric == middle[-1]
        found.append([np.mean([score.metric for score in report.scores[:2]]), *middle])
    members, averaged, aligned, repaired = np.mean(found, axis=0)
    assert averaged < members - 0.15
    assert aligned > members - 0.03
    assert repaired > members - 0.02


@pytest.fixture(scope="module")
def specialists() -> tuple[keras.Model, dict[str, keras.Model]]:
    base = trained(0, 1)
    low, high = (trained(seed, 15, base, digits) for seed, digits in ((1, tuple(range(5))), (2, tuple(range(5, 10)))))
    return base, {"low": low, "high": high}


MERGINGS = {
    "task arithmetic": (Merging(method="task-arithmetic"), 0.85),
    "DARE": (Merging(method="dare", options={"drop": 0.3}), 0.85),
    "breadcrumbs": (Merging(method="breadcrumbs"), 0.85),
    "Fisher": (Merging(method="fisher"), 0.85),
    # It keeps half of what each learned, and where they disagree only one of them.
    "TIES": (Merging(method="ties", options={"density": 0.5, "scale": 0.7}), 0.83),
}


@pytest.mark.parametrize("name", MERGINGS)
def test_two_specialists_of_one_base_know_all_digits(
    name: str, specialists: tuple[keras.Model, dict[str, keras.Model]]
) -> None:
    base, members = specialists
    merging, accuracy = MERGINGS[name]
    report = merge(members, merging, base=("base", base), samples=SAMPLES).report
    scores = {score.name: score.metric for score in report.scores}
    assert max(scores["low"], scores["high"]) < 0.5 < scores["base"] < accuracy - 0.01
    assert scores["merged"] > accuracy
    assert report.similarity is not None and report.similarity.verdict == "common ancestor"
