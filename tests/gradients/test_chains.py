"""Deep chains, with and without skip connections, as uploaded members: where the verdict is vanishing or exploding."""

from __future__ import annotations

import math
from pathlib import Path

import keras
import numpy as np
import pytest

from components.fusion.alone import alone
from components.gradients.report import GradientReport
from components.recipe import Recipe
from tests.gradients.shelf import Shelf

L = keras.layers


@pytest.fixture(scope="module")
def columns(shelf: Shelf) -> Path:
    """A table of 16 columns between 0 and 1, as large as what a sigmoid gives, and one of 3 classes."""
    random = np.random.default_rng(0)
    lines = [[*(f"{value:.4f}" for value in row), "abc"[random.integers(3)]] for row in random.random((90, 16))]
    table = shelf.files.home / "columns.csv"
    table.write_text("\n".join(map(",".join, [[*(f"x{place}" for place in range(16)), "kind"], *lines])))
    return table


def chain(name: str, depth: int, activation: str, skip: bool = False) -> keras.Model:
    """Layers of one width, one after the other, with an identity around each where `skip`."""
    keras.utils.set_random_seed(0)
    x = keras.Input((16,))
    h = x
    for index in range(1, depth + 1):
        initializer = "he_normal" if activation == "relu" else "glorot_uniform"
        made = L.Dense(16, activation=activation, kernel_initializer=initializer, name=f"layer-{index}")(h)
        h = L.Add()([h, made]) if skip else made
    return keras.Model(x, L.Dense(3, activation="softmax", name="out")(h), name=name)


def measured_alone(shelf: Shelf, columns: Path, model: keras.Model) -> GradientReport:
    """A member as it is trained by itself."""
    members = shelf.open(model)
    [[member, facts]], data = members, shelf.bind(members, columns, "kind")
    graph = alone(member, facts, data, shelf.requests.bind(data))
    [report] = shelf.reports([Recipe(members=(member,), data=data, graph=graph)]).values()
    return report


@pytest.mark.parametrize(
    ("depth", "ratio"), [(5, 5e-3), pytest.param(10, 2e-6, marks=pytest.mark.nightly), (20, 7e-13)], ids=["5", "10", "20"]
)
def test_a_chain_of_sigmoids_vanishes_from_where_it_is_true(depth: int, ratio: float, shelf: Shelf, columns: Path) -> None:
    report = measured_alone(shelf, columns, chain(f"plain-{depth}", depth, "sigmoid"))
    *hidden, last = report.layers
    norms = [layer.norm for layer in hidden]
    assert norms == sorted(norms) and math.log10(norms[0] / norms[-1]) == pytest.approx(math.log10(ratio), abs=0.5)
    verdicts = [layer.verdict for layer in hidden]
    vanishing = verdicts.count("vanishing")
    assert verdicts == ["vanishing"] * vanishing + ["healthy"] * (depth - vanishing) and last.verdict == "healthy"
    # It is true of all that get less than a hundredth of what the last layer of the chain gets, give or take one layer.
    assert vanishing >= 1 and abs(vanishing - sum(norm < norms[-1] / 100 for norm in norms)) <= 1
    assert report.verdict == "vanishing" and "layer-1" in report.summary


@pytest.mark.parametrize("depth", [pytest.param(5, marks=pytest.mark.nightly), 10, pytest.param(20, marks=pytest.mark.nightly)])
def test_a_skip_connection_keeps_the_chain_healthy(depth: int, shelf: Shelf, columns: Path) -> None:
    report = measured_alone(shelf, columns, chain(f"skip-{depth}", depth, "sigmoid", skip=True))
    assert report.verdict == "healthy" and {layer.verdict for layer in report.layers} == {"healthy"}
    assert report.layers[0].norm > report.layers[-2].norm / 10


def test_rectified_skips_without_scaling_explode(shelf: Shelf, columns: Path) -> None:
    report = measured_alone(shelf, columns, chain("unscaled-20", 20, "relu", skip=True))
    exploding = [layer for layer in report.layers if layer.verdict == "exploding"]
    assert report.verdict == "exploding" and len(exploding) > 10
    assert all(layer.norm > 100 * layer.weight for layer in exploding)
