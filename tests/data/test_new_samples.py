"""New samples are prepared as the training samples were, and what does not fit is told in one sentence."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from components.data.binding import propose
from components.data.load import load_columns, load_samples
from components.data.new_samples import prepared, read_new
from components.data.read import read_dataset
from components.data.split import split
from components.recipe import Data, Input, PictureReading, Refusal, Target


def never():
    raise AssertionError("The recipe's dataset is not needed here.")


@pytest.fixture
def flowers(tmp_path: Path):
    """A table with gaps and words, bound as a person would, and how to ask for its training rows."""
    random = np.random.default_rng(0)
    table = pd.DataFrame({"height": random.normal(5, 2, 80), "width": random.normal(1, 1, 80)})
    table["colour"] = random.choice(["red", "blue", "white"], 80, p=[0.6, 0.3, 0.1])
    table.loc[::9, "height"] = np.nan
    table.loc[::13, "colour"] = None
    table["species"] = random.choice(["a", "b"], 80)
    path = tmp_path / "flowers.csv"
    table.to_csv(path, index=False)
    data = propose(read_dataset(path, path.name, "0" * 64))
    samples = load_samples(data, path)

    def reference():
        return load_columns(data, path), samples.rows[split(samples, data.split).training]

    return table, data, samples, reference


def test_new_rows_are_fed_as_the_same_rows_of_the_dataset(flowers, tmp_path):
    table, data, samples, reference = flowers
    new = tmp_path / "new.csv"
    # In another order of the columns, without the target.
    table[["colour", "width", "height"]].iloc[:30].to_csv(new, index=False)
    inputs, notes = prepared(read_new(new, new.name, data), data, reference)
    np.testing.assert_array_equal(inputs["x"], samples.inputs["x"][:30])
    training = table.iloc[reference()[1]]
    assert np.isclose(inputs["x"][0, 0], np.float32(training["height"].median()))
    assert any("filled by what the training samples have" in note for note in notes)


def test_a_single_row_and_a_word_that_was_never_seen(flowers, tmp_path):
    _, data, _, reference = flowers
    new = tmp_path / "new.csv"
    new.write_text("height,width,colour\n1.5,2.5,green\n")
    inputs, notes = prepared(read_new(new, new.name, data), data, reference)
    np.testing.assert_array_equal(inputs["x"], np.array([[1.5, 2.5, 0, 0, 0]], np.float32))
    assert any("does not know “green” of “colour”" in note for note in notes)


def test_a_column_that_is_not_there_is_named(flowers, tmp_path):
    _, data, _, _ = flowers
    new = tmp_path / "new.csv"
    new.write_text("height,breadth,colour\n1.5,2.5,red\n")
    with pytest.raises(Refusal, match=r"new.csv has no “width”, which the model takes; it has “height”, “breadth”, “colour”"):
        read_new(new, new.name, data)


def test_words_where_numbers_are_wanted_are_refused(flowers, tmp_path):
    _, data, _, reference = flowers
    new = tmp_path / "new.csv"
    new.write_text("height,width,colour\nhigh,2.5,red\n")
    with pytest.raises(Refusal, match="“height”, which holds text"):
        prepared(read_new(new, new.name, data), data, reference)


def test_arrays_without_gaps_need_no_dataset(tmp_path):
    data = Data(
        sha256="0" * 64,
        file_name="d.npz",
        inputs=(Input(name="x", array="x", shape=(4, 4, 1)),),
        target=Target(name="y", task="regression"),
    )
    new = tmp_path / "new.npz"
    x = np.random.default_rng(0).random((3, 4, 4))
    np.savez(new, x=x)
    inputs, _ = prepared(read_new(new, new.name, data), data, never)
    np.testing.assert_array_equal(inputs["x"], x[..., None].astype(np.float32))
    np.savez(new, x=x[:, :3])
    with pytest.raises(Refusal, match="does not have the values for each sample that its shape"):
        prepared(read_new(new, new.name, data), data, never)


def png(colour, size):
    stream = io.BytesIO()
    Image.new("RGB", size, colour).save(stream, "PNG")
    return stream.getvalue()


@pytest.fixture
def of_pictures():
    return Data(
        sha256="0" * 64,
        file_name="d.zip",
        reading=PictureReading(height=6, width=4, channels="colour"),
        inputs=(Input(name="x", array="picture", shape=(6, 4, 3)),),
        target=Target(name="class", task="binary", classes=("a", "b")),
    )


def test_pictures_need_no_class_folders(tmp_path, of_pictures):
    new = tmp_path / "new.zip"
    with zipfile.ZipFile(new, "w") as archive:
        archive.writestr("b.png", png((255, 0, 0), (4, 6)))
        archive.writestr("in/a.png", png((0, 0, 9), (40, 60)))
        archive.writestr("read me.txt", "no picture")
    columns = read_new(new, new.name, of_pictures)
    inputs, _ = prepared(columns, of_pictures, never)
    assert columns.arrays["file"].tolist() == ["b.png", "in/a.png"]
    assert inputs["x"].shape == (2, 6, 4, 3) and inputs["x"][0, 0, 0].tolist() == [255, 0, 0]
    assert inputs["x"][1].reshape(-1, 3).max(axis=0).tolist() == [0, 0, 9]


def test_one_picture_alone(tmp_path, of_pictures):
    new = tmp_path / "blob"
    new.write_bytes(png((1, 2, 3), (4, 6)))
    columns = read_new(new, "cat.png", of_pictures)
    assert columns.arrays["file"].tolist() == ["cat.png"] and columns.arrays["picture"][0, 0, 0].tolist() == [1, 2, 3]


@pytest.mark.parametrize("content", [b"no picture at all", b"PK\x03\x04 no archive"])
def test_what_is_no_picture_is_told(tmp_path, of_pictures, content):
    new = tmp_path / "blob"
    new.write_bytes(content)
    with pytest.raises(Refusal, match="no picture that can be read"):
        read_new(new, "cat.png", of_pictures)


def test_an_archive_without_pictures_is_told(tmp_path, of_pictures):
    new = tmp_path / "new.zip"
    with zipfile.ZipFile(new, "w") as archive:
        archive.writestr("read me.txt", "no picture")
    with pytest.raises(Refusal, match="holds no pictures"):
        read_new(new, new.name, of_pictures)
