"""Datasets of every format through the store and a sandboxed worker, and single arrays that come together."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
import pytest

from components.data.binding import propose
from components.data.load import load_samples
from components.engine.array_sets import array_set, set_name
from components.engine.client import Engine
from components.engine.pairs import File
from components.engine.uploads import take_dataset
from components.recipe import ArrayReading, Refusal
from components.store import Store
from tests.data.hostile import picture, zipped
from tests.data.workbook import workbook


@pytest.fixture
def empty_shelf(shared_store: Store) -> Iterator[Store]:
    """The shared store; datasets that a test adds are removed again."""
    before = {card.sha256 for card in shared_store.datasets()}
    yield shared_store
    for card in shared_store.datasets():
        if card.sha256 not in before:
            shared_store.remove(card.sha256)


def frame() -> pd.DataFrame:
    return pd.DataFrame({"a": np.arange(20) / 4, "city": ["Bonn", "Ulm"] * 10, "y": [0, 1, 1, 0, 2] * 4})


def parquet() -> bytes:
    return bytes(frame().to_parquet())


def sheet() -> bytes:
    file = io.BytesIO()
    table = frame()
    workbook(file, [list(table), *table.to_numpy(object).tolist()])
    return file.getvalue()


def table() -> bytes:
    return frame().to_csv(index=False, sep=";").encode("utf-16")


def pictures() -> bytes:
    kinds = (("png", "PNG"), ("jpg", "JPEG"), ("webp", "WEBP"), ("gif", "GIF"), ("bmp", "BMP"))
    return zipped({f"{name}/1.{end}": picture("RGB", (9, 7), kind) for name in "abc" for end, kind in kinds})


@pytest.mark.parametrize(("format", "write"), [("parquet", parquet), ("xlsx", sheet), ("csv", table), ("images", pictures)])
def test_a_worker_reads_and_binds_it(engine: Engine, empty_shelf: Store, format: str, write: Callable[[], bytes]) -> None:
    facts = take_dataset(engine, empty_shelf, io.BytesIO(write()), "dataset")
    assert facts.format == format and facts.notes == empty_shelf.dataset(facts.sha256).notes
    data = propose(facts)
    bound = engine.request("bind", data=data.model_dump(mode="json"))
    samples = load_samples(data, empty_shelf.blob(facts.sha256))
    assert bound["training"] + bound["validation"] + bound["test"] == len(samples.target)
    assert bound["class_counts"] == np.bincount(samples.target.astype(int)).tolist()
    assert bound["notes"] == list(samples.notes)


def file(name: str, array: np.ndarray) -> File:
    stream = io.BytesIO()
    np.save(stream, array)
    return stream, name


def test_arrays_brought_together_are_one_dataset(engine: Engine, empty_shelf: Store) -> None:
    x, y = np.random.default_rng(0).normal(size=(20, 3)), np.arange(20) % 2
    files = [file("x_test.npy", x[12:]), file("X-train.npy", x[:12]), file("train_y.npy", y[:12]), file("y_test.npy", y[12:])]
    found = [take_dataset(engine, empty_shelf, *each, [other for other in files if other is not each]) for each in files]
    assert found.count(found[0]) == 4 and found[0].file_name == "x-y.npz" and found[0].reading == ArrayReading(format="npz")
    samples = load_samples(propose(found[0]), empty_shelf.blob(found[0].sha256))
    np.testing.assert_array_equal(np.sort(samples.inputs["x"], axis=0), np.sort(x.astype("float32"), axis=0))
    pairs = {tuple(row): label for row, label in zip(x.astype("float32").tolist(), y.tolist(), strict=True)}
    assert [pairs[tuple(row)] for row in samples.inputs["x"].tolist()] == samples.target.tolist()


def test_an_array_alone_or_among_strangers_is_refused(engine: Engine, empty_shelf: Store) -> None:
    ones = np.ones((9, 2))
    for name, beside in (("x.npy", ()), ("x.npy", [file("other.npy", ones)]), ("other.npy", [file("x.npy", ones)])):
        with pytest.raises(Refusal, match=r"single NumPy array.*as x.npy and y.npy"):
            take_dataset(engine, empty_shelf, *file(name, ones), beside)


@pytest.mark.parametrize(
    ("names", "arrays"),
    [
        (["images.npy", "labels.npy"], ["images", "labels"]),
        (["mnist_images.npy", "mnist_labels.npy"], ["mnist_images", "mnist_labels"]),
        (["train-x.npy", "train-y.npy"], ["x_train", "y_train"]),
        (["a.npy", "b.npy"], []),
        (["x.npy", "data.npy"], []),
        (["x.npy", "y.npy", "weights.npy"], ["x", "y"]),
    ],
)
def test_names_say_what_belongs_together(names: list[str], arrays: list[str]) -> None:
    first, *beside = [file(name, np.ones(3)) for name in names]
    found = list(array_set(first, beside))
    assert found == arrays
    if found:
        assert set_name(found).endswith(".npz")


def test_what_cannot_be_predicted_leaves_no_bytes(engine: Engine, empty_shelf: Store) -> None:
    before = {path for path in empty_shelf.blobs.rglob("*") if path.is_file()}
    for text, sentence in (("a,b\n1,2\n3,4\n", "has 2 samples"), ("a,b\n" + "x,y\n" * 9, "no numbers beside")):
        with pytest.raises(Refusal, match=sentence):
            take_dataset(engine, empty_shelf, io.BytesIO(text.encode()), "t.csv")
    assert {path for path in empty_shelf.blobs.rglob("*") if path.is_file()} == before
