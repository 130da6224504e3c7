"""Architecture and weights in two files become one member, however they are brought; what is refused leaves no bytes."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from components.engine.client import Engine
from components.engine.pairs import File, stem
from components.engine.uploads import take_dataset, take_member
from components.recipe import Refusal
from components.store import Store
from tests.plain_keras import PlainKeras

ARCHITECTURE, WEIGHTS = "wine-mlp-keras2.15.0.json", "wine-mlp-keras2.15.0.weights.h5"


def blobs(store: Store) -> set[str]:
    return {path.name for path in store.blobs.rglob("*") if path.is_file()}


@pytest.fixture
def empty_shelf(shared_store: Store) -> Iterator[Store]:
    """The shared store; members that a test adds are removed again."""
    before = {card.sha256 for card in shared_store.members()}
    yield shared_store
    for card in shared_store.members():
        if card.sha256 not in before:
            shared_store.remove(card.sha256)


@pytest.fixture
def architecture(files: Path) -> File:
    return io.BytesIO((files / ARCHITECTURE).read_bytes()), "model.json"


@pytest.fixture
def weights(files: Path) -> File:
    return io.BytesIO((files / WEIGHTS).read_bytes()), "model.weights.h5"


def test_brought_together_they_are_one_member(
    engine: Engine, empty_shelf: Store, architecture: File, weights: File, files: Path, plain_keras: PlainKeras
) -> None:
    kept = blobs(empty_shelf)
    stranger = (io.BytesIO(b"{}"), "settings.json")
    one = take_member(engine, empty_shelf, *architecture, beside=[weights])
    other = take_member(engine, empty_shelf, *weights, beside=[stranger, architecture])
    assert one == other and one.file_name == "model.json"
    assert blobs(empty_shelf) - kept == {one.sha256}
    with np.load(files / "wine-mlp-keras2.15.0.npz") as reference:
        [predicted] = plain_keras.predict(empty_shelf.canonical(one.sha256), [reference["x0"]])
        np.testing.assert_allclose(predicted, reference["y0"], atol=1e-5)


def test_brought_one_after_the_other_they_are_one_member(
    engine: Engine, empty_shelf: Store, architecture: File, weights: File
) -> None:
    untrained = take_member(engine, empty_shelf, *architecture)
    filled = take_member(engine, empty_shelf, weights[0], "whatever.h5")
    assert filled.sha256 != untrained.sha256 and filled.layers == untrained.layers
    assert filled == take_member(engine, empty_shelf, *architecture, beside=[weights])


def test_weights_that_fit_no_architecture_ask_for_theirs(
    engine: Engine, empty_shelf: Store, architecture: File, weights: File
) -> None:
    kept = blobs(empty_shelf)
    with pytest.raises(Refusal, match=r"weights only.*together with it or before it"):
        take_member(engine, empty_shelf, *weights)
    strange = json.loads(architecture[0].read())
    strange["config"]["layers"][-1]["config"]["units"] += 1
    take_member(engine, empty_shelf, io.BytesIO(json.dumps(strange).encode()), "model.json")
    with pytest.raises(Refusal, match="weights only"):
        take_member(engine, empty_shelf, *weights)
    assert len(blobs(empty_shelf) - kept) == 1


@pytest.mark.parametrize("take", [take_member, take_dataset])
def test_nothing_of_what_is_refused_stays(take: object, engine: Engine, empty_shelf: Store) -> None:
    kept = blobs(empty_shelf)
    with pytest.raises(Refusal):
        take(engine, empty_shelf, io.BytesIO(b"\x89HDF\r\n\x1a\n and no more"), "broken.h5")  # type: ignore[operator]
    assert blobs(empty_shelf) == kept


@pytest.mark.parametrize(
    "name", ["model.json", "Model.weights.h5", "model_weights.hdf5", "model-architecture.json", "model.h5"]
)
def test_stems(name: str) -> None:
    assert stem(name) == "model"
