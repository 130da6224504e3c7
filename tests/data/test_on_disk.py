"""What is larger than memory: the same columns, facts and samples as in memory, from every format."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from components.data import array_facts, on_disk, table_on_disk
from components.data.binding import propose
from components.data.bound import bind
from components.data.load import load_samples
from components.data.on_disk import STAYS, OnDisk, taken
from components.data.read import LargerThanMemory, read_columns, read_dataset, unpack
from components.data.unpacked import ColumnsOnDisk, unpacked_path
from components.data.unpacking import Unpacker
from components.recipe import Refusal
from tests.data.hostile import picture, zipped

ROWS = 230


@pytest.fixture(autouse=True)
def small_parts(monkeypatch):
    """Several parts and blocks, also of small datasets."""
    for module in (array_facts, on_disk):
        monkeypatch.setattr(module, "BLOCK", 1000)
    monkeypatch.setattr(table_on_disk, "CELLS", 300)


def table():
    """Numbers with gaps, whole numbers, words that come late, truth values, and words with gaps."""
    random = np.random.default_rng(0)
    width = random.normal(size=ROWS)
    width[[3, 100]] = np.nan
    late = random.integers(0, 9, ROWS).astype(object)
    late[200:] = "many"
    place = random.choice(["north", "south", None], ROWS, p=[0.5, 0.4, 0.1])
    return pd.DataFrame(
        {
            "": np.arange(5, ROWS + 5),
            "width": width.round(3),
            "huge": np.where(np.arange(ROWS) == 7, 1e39, width),
            "count": random.integers(0, 50, ROWS),
            "late": [str(each) for each in late],
            "open": random.random(ROWS) > 0.5,
            "place": place,
            "species": random.choice(["a", "b", "c"], ROWS),
        }
    )


def csv(folder):
    path = folder / "table.csv"
    table().to_csv(path, index=False)
    return path


def german(folder):
    path = folder / "german.csv"
    frame = table().drop(columns="").assign(price=[f"{number // 1000}.{number % 1000:03}" for number in range(900, 900 + ROWS)])
    frame.to_csv(path, index=False, sep=";", decimal=",", encoding="latin-1")
    return path


def titled(folder):
    path = german(folder).rename(folder / "titled.csv")
    path.write_text("\ufeffPrices, 2024\n\n" + path.read_text(encoding="latin-1"), encoding="utf-8")
    return path


def parquet(folder):
    path = folder / "table.parquet"
    table().drop(columns=["", "late"]).to_parquet(path, row_group_size=40)
    return path


def arrays(seed=0):
    random = np.random.default_rng(seed)
    x = random.normal(size=(ROWS, 5, 4)).astype(np.float32)
    x[4, 0, 0], x[9, 1, 1] = np.nan, np.inf
    return {"x": x, "grey": random.integers(0, 255, (ROWS, 6, 6), dtype=np.uint8), "y": np.eye(3)[random.integers(0, 3, ROWS)]}


def stored(folder):
    path = folder / "stored.npz"
    np.savez(path, **arrays())
    return path


def compressed(folder):
    path = folder / "compressed.npz"
    np.savez_compressed(path, **arrays())
    return path


def joined(folder):
    path = folder / "joined.npz"
    parts = {f"{name}_{part}": array for part, seed in (("train", 0), ("test", 1)) for name, array in arrays(seed).items()}
    np.savez(path, **parts, unit=np.float32(3))
    return path


def by_columns(folder):
    path = folder / "columns.npz"
    np.savez(path, **{name: np.asfortranarray(array) for name, array in arrays().items()})
    return path


def pictures(folder):
    path = folder / "pictures.zip"
    found = {f"{name}/{place}.png": picture("RGB", (5, 4), seed=place) for name in ("cat", "dog") for place in range(9)}
    path.write_bytes(zipped({**found, "cat/broken.png": found["cat/1.png"][:-30]}))
    return path


def grey_pictures(folder):
    path = folder / "grey.zip"
    path.write_bytes(zipped({f"{n}/{place}.png": picture("L", (5, 4), seed=place) for n in "ab" for place in range(9)}))
    return path


FORMATS = [csv, german, titled, parquet, stored, compressed, joined, by_columns, pictures, grey_pictures]


@pytest.mark.parametrize("make", FORMATS, ids=lambda make: make.__name__)
def test_a_dataset_on_disk_is_the_one_in_memory(make, tmp_path):
    path = make(tmp_path)
    known = read_dataset(path, path.name, "0" * 64)
    data = propose(known)
    samples, bound = load_samples(data, path), bind(data, path)
    columns = read_columns(path, path.name)

    if make is not stored:
        with pytest.raises(LargerThanMemory):
            read_dataset(path, path.name, "0" * 64, in_memory=100)
        unpack(path, path.name, None, unpacked_path(path, None))
    facts = read_dataset(path, path.name, "0" * 64, in_memory=100)
    assert facts.model_dump_json() == known.model_copy(update={"notes": facts.notes}).model_dump_json()
    assert set(facts.notes) == {*known.notes, STAYS}
    for name, array in read_columns(path, path.name, in_memory=100).arrays.items():
        assert array.dtype == columns.arrays[name].dtype
        assert np.array_equal(array, columns.arrays[name], equal_nan=array.dtype.kind == "f")

    found = load_samples(data, path, in_memory=100)
    assert np.array_equal(found.target, samples.target) and np.array_equal(found.rows, samples.rows)
    rows = np.random.default_rng(1).permutation(len(samples.target))[:50]
    for name, values in found.inputs.items():
        assert isinstance(values, OnDisk) and not isinstance(samples.inputs[name], OnDisk)
        assert values.shape == samples.inputs[name].shape and values[rows].dtype == np.float32
        assert values[rows].tobytes() == samples.inputs[name][rows].tobytes()
        assert values[int(rows[0])].tobytes() == np.asarray(taken(values, rows))[0].tobytes()
        assert taken(values, rows)[3:9].tobytes() == samples.inputs[name][rows][3:9].tobytes()
    again = bind(data, path, in_memory=100)
    assert again == bound.model_copy(update={"notes": again.notes})


def test_statistics_over_blocks_are_those_of_numpy(tmp_path):
    path = stored(tmp_path)
    data = propose(read_dataset(path, path.name, "0" * 64))
    samples, bound = load_samples(data, path), bind(data, path)
    for name, found in bound.statistics.items():
        training = samples.inputs[name][np.sort(_training(samples, data))].reshape(bound.training, -1)
        assert (found.minimum, found.maximum) == (training.min(), training.max())
        np.testing.assert_allclose(found.mean, training.mean(axis=0, dtype=np.float64), rtol=1e-12)
        np.testing.assert_allclose(found.deviation, training.std(axis=0, dtype=np.float64), rtol=1e-12)


def _training(samples, data):
    from components.data.split import split

    return split(samples, data.split).training


def test_one_that_was_not_unpacked_is_read_by_the_process_alone(tmp_path):
    path = csv(tmp_path)
    before = set(tmp_path.iterdir())
    columns = read_columns(path, path.name, in_memory=100)
    assert isinstance(columns.arrays, ColumnsOnDisk) and set(tmp_path.iterdir()) == before
    assert np.array_equal(columns.arrays["count"], table()["count"])


def test_another_reading_has_a_file_of_its_own(tmp_path):
    path = csv(tmp_path)
    unpack(path, path.name, None, unpacked_path(path, None))
    reading = read_columns(path, path.name).reading.model_copy(update={"header": False})
    assert "width" not in read_columns(path, path.name, reading, in_memory=100).arrays
    unpack(path, path.name, reading, unpacked_path(path, reading))
    assert unpacked_path(path, reading) != unpacked_path(path, None)
    assert "width" not in read_columns(path, path.name, reading, in_memory=100).arrays


def test_a_file_that_is_cut_off_is_no_dataset(tmp_path):
    path = csv(tmp_path)
    place = unpacked_path(path, None)
    with Unpacker(place) as unpacker, unpacker.array("x", (4, 2), np.dtype(np.float32)) as write:
        write(np.zeros((4, 2)))
    with pytest.raises(Refusal, match="bring the dataset again"):
        read_columns(path, path.name)


def test_a_full_disk_is_one_sentence(tmp_path, monkeypatch):
    path = csv(tmp_path)
    free = dataclasses.make_dataclass("Usage", ["free"])
    monkeypatch.setattr("components.data.unpacking.shutil.disk_usage", lambda folder: free((1 << 30) + 100))
    with pytest.raises(Refusal, match="Make room"):
        unpack(path, path.name, None, unpacked_path(path, None))


def test_words_that_hardly_repeat_are_left_out(tmp_path, monkeypatch):
    monkeypatch.setattr("components.data.unpacking.MANY_WORDS", 5)
    path = csv(tmp_path)
    columns = read_columns(path, path.name, in_memory=100)
    assert "late" not in columns.arrays and "species" in columns.arrays
    assert any("“late”" in note for note in columns.notes)
