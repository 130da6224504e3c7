"""Parquet, Excel and zips of pictures against pandas and Pillow, and what of them is refused."""

import io
import zipfile
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from components.data.binding import propose
from components.data.load import load_samples
from components.data.read import read_columns, read_dataset
from components.recipe import PictureReading, Refusal, SheetReading
from tests.data.hostile import large_picture, picture, zipped
from tests.data.workbook import workbook


def read(path):
    return read_dataset(path, path.name, "0" * 64)


def test_parquet_is_read_as_pandas_reads_it(tmp_path):
    path = tmp_path / "t.parquet"
    table = pd.DataFrame(
        {
            "whole": pd.array([1, None, 3] * 5, dtype="Int64"),
            "half": np.arange(15, dtype="float32") / 2,
            "word": pd.Categorical(["b", None, "a"] * 5),
            "flag": [True, False, True] * 5,
            "day": pd.date_range("2024-02-01", periods=15),
            "cost": [Decimal("1.25")] * 15,
            "list": [[1, 2]] * 15,
            "y": np.arange(15) % 3,
        },
        index=pd.Index(np.arange(15) * 2, name=None),
    )
    table.to_parquet(path, index=True)
    columns = read_columns(path, path.name)
    assert list(columns.arrays) == ["whole", "half", "word", "flag", "day", "cost", "y"]
    np.testing.assert_array_equal(columns.arrays["whole"], table["whole"].to_numpy(float, na_value=np.nan))
    for name in ("half", "flag", "y"):
        np.testing.assert_array_equal(columns.arrays[name], table[name])
    assert columns.arrays["word"].tolist() == ["b", None, "a"] * 5 and columns.arrays["cost"].tolist() == [1.25] * 15
    facts = read(path)
    assert facts.format == "parquet" and next(each for each in facts.columns if each.name == "day").kind == "time"
    assert "“list”" in facts.notes[0] and "index" in facts.notes[1]


def test_parquet_that_declares_too_much_is_refused_unread(tmp_path):
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({f"c{n}": pa.array([1]) for n in range(10_001)}), path)
    with pytest.raises(Refusal, match="10,001 columns"):
        read(path)
    pq.write_table(pa.table({"a": pa.nulls(60_000_000), "b": pa.nulls(60_000_000)}), path)
    with pytest.raises(Refusal, match="60,000,000 rows"):
        read(path)
    path.write_bytes(path.read_bytes()[:-40] + b"PAR1")
    with pytest.raises(Refusal, match="damaged Parquet"):
        read(path)


def test_a_long_text_that_all_rows_share_is_kept_once(tmp_path):
    path = tmp_path / "t.parquet"
    words = pa.DictionaryArray.from_arrays(pa.array(np.zeros(100_000, dtype="int32")), pa.array(["x" * 100_000]))
    pq.write_table(pa.table({"a": words, "y": pa.array(np.arange(100_000) % 2)}), path, store_schema=False)
    assert path.stat().st_size < 10_000
    arrays = read_columns(path, path.name).arrays
    assert len({id(value) for value in arrays["a"]}) == 1 and len(arrays["a"][0]) == 100_000


ROWS = [
    ["größe", "word", None, "flag", "y"],
    *([n / 4, None if n == 3 else "<a>" * 2, n, n % 2 == 0, n % 3] for n in range(12)),
]


def test_the_first_sheet_is_read(tmp_path):
    path = tmp_path / "t.xlsx"
    workbook(path, ROWS, sheets=("first & only", "second"))
    columns = read_columns(path, path.name)
    assert list(columns.arrays) == ["größe", "word", "column 3", "flag", "y"]
    for place, name in enumerate(columns.arrays):
        assert columns.arrays[name].tolist() == [row[place] for row in ROWS[1:]]
    assert columns.arrays["flag"].dtype == bool and "2 sheets; the first, “first & only”" in columns.notes[0]


@pytest.mark.parametrize(
    ("above", "left_out"),
    [
        ([["Wine chemistry, 2024"], [None]], 1),
        ([["Lab report"], ["Measured by", "Ada"], [None, None, "chemistry"]], 3),
        ([], 0),
        ([[None, 7.5]], 0),
    ],
)
def test_rows_above_the_table_are_left_out(tmp_path, above, left_out):
    path = tmp_path / "t.xlsx"
    table = [["ash", "hue", "proline", 2020, "wine"], *([n, n / 2, 3 * n, 1, "ab"[n % 2]] for n in range(1, 9))]
    workbook(path, [*above, *table])
    columns = read_columns(path, path.name)
    assert columns.reading == SheetReading(title_rows=left_out, header=above != [[None, 7.5]])
    assert ("above the table" in " ".join(columns.notes)) == bool(left_out)
    if columns.reading.header:
        assert {name: list(values) for name, values in columns.arrays.items()} == {
            str(name): [row[place] for row in table[1:]] for place, name in enumerate(table[0])
        }
    again = read_columns(path, path.name, SheetReading(title_rows=left_out + 1, header=False))
    assert again.rows == columns.rows - (not columns.reading.header)


def test_a_sheet_without_names_and_with_gaps(tmp_path):
    path = tmp_path / "t.xlsx"
    workbook(path, [[None, None, None], [None, 1.5, 2], [None, None, None], [None, 3, None], *([[None, 4, 5]] * 9)])
    columns = read_columns(path, path.name)
    assert list(columns.arrays) == ["column 1", "column 2", "column 3"] and columns.reading == SheetReading(header=False)
    np.testing.assert_array_equal(columns.arrays["column 3"], [2, np.nan, *[5] * 9])


@pytest.mark.parametrize(
    ("part", "content", "detail"),
    [
        ("xl/workbook.xml", b'<!DOCTYPE w [<!ENTITY a "aaaa">]><workbook>&a;</workbook>', "document type"),
        ("xl/workbook.xml", '<!DOCTYPE w [<!ENTITY a "a">]><workbook/>'.encode("utf-16"), "document type"),
        ("xl/workbook.xml", b"<a>" * 100, "within one another"),
        ("xl/workbook.xml", b"<workbook>", "no element found"),
        ("xl/worksheets/page1.xml", b'<worksheet><row><c t="s"><v>99</v></c></row></worksheet>', "range"),
        ("xl/sharedStrings.xml", b"<sst>" + b" " * (257 << 20), "256 MiB"),
    ],
)
def test_a_workbook_made_to_harm_is_refused(tmp_path, part, content, detail):
    whole, changed = tmp_path / "whole.xlsx", tmp_path / "changed.xlsx"
    workbook(whole, ROWS)
    with zipfile.ZipFile(whole) as source:
        changed.write_bytes(zipped({**{name: source.read(name) for name in source.namelist()}, part: content}))
    with pytest.raises(Refusal, match="damaged or too large") as refusal:
        read(changed)
    assert detail in refusal.value.detail


def pets(path, entries):
    path.write_bytes(zipped(entries))
    return path


@pytest.mark.parametrize(
    ("mode", "kind"), [("L", "PNG"), ("RGB", "PNG"), ("RGB", "BMP"), ("L", "JPEG"), ("RGB", "WEBP"), ("P", "GIF")]
)
def test_pictures_are_what_pillow_opens(tmp_path, mode, kind):
    files = {f"{name}/{n}.{kind.lower()}": picture(mode, (6, 5), kind, seed=n) for name in ("dog", "cat") for n in range(4)}
    columns = read_columns(pets(tmp_path / "pets.zip", files), "pets.zip")
    order = [f"{name}/{n}.{kind.lower()}" for n in range(4) for name in ("cat", "dog")]
    expected = [np.asarray(Image.open(io.BytesIO(files[name])).convert("L" if mode == "L" else "RGB")) for name in order]
    np.testing.assert_array_equal(columns.arrays["picture"], np.reshape(expected, (8, 5, 6, -1)))
    assert columns.arrays["class"].tolist() == ["cat", "dog"] * 4
    assert columns.reading == PictureReading(height=5, width=6, channels="grey" if mode == "L" else "colour")


def test_pictures_of_several_sizes_are_brought_to_one(tmp_path):
    files = {f"{name}/{n}.png": picture("RGB", (8, 4) if n else (6, 6), seed=n) for name in "ab" for n in range(4)}
    path = pets(tmp_path / "pets.zip", files)
    columns = read_columns(path, "pets.zip")
    assert columns.arrays["picture"].shape == (8, 4, 8, 3) and "6 of 8 pictures have 4 × 8 pixels" in columns.notes[0]
    chosen = read_columns(path, "pets.zip", PictureReading(height=3, width=5, channels="grey")).arrays["picture"]
    first = Image.open(io.BytesIO(files["a/0.png"])).convert("L").resize((5, 3), Image.Resampling.BILINEAR)
    np.testing.assert_array_equal(chosen[0, ..., 0], np.asarray(first))


def test_sixteen_bits_transparency_and_orientation(tmp_path):
    deep, clear, lying = io.BytesIO(), io.BytesIO(), io.BytesIO()
    Image.fromarray(np.full((4, 6), 0x8080, dtype=np.uint16)).save(deep, "PNG")
    Image.new("RGBA", (6, 4), (10, 20, 30, 0)).save(clear, "PNG")
    turned = Image.new("RGB", (4, 6), "red")
    exif = turned.getexif()
    exif[0x0112] = 6
    turned.save(lying, "JPEG", exif=exif)
    files = {"a/deep.png": deep.getvalue(), "b/clear.png": clear.getvalue(), "c/lying.jpg": lying.getvalue()}
    columns = read_columns(pets(tmp_path / "pets.zip", files), "pets.zip")
    pictures = dict(zip(columns.arrays["class"], columns.arrays["picture"], strict=True))
    assert columns.notes == () and pictures["a"].shape == (4, 6, 3)
    assert (pictures["a"] == 0x80).all() and (pictures["b"] == 255).all() and pictures["c"].mean(axis=(0, 1))[0] > 250


@pytest.mark.parametrize(
    ("paths", "classes"),
    [
        (["cat/1", "dog/1"], ["cat", "dog"]),
        (["a/b/cat/1", "a/b/dog/1"], ["cat", "dog"]),
        (["pets/train/cat/1", "pets/Train/dog/1", "pets/test/cat/1"], ["cat", "dog", "cat"]),
        (["cat/one/1", "dog/two/1"], ["cat", "dog"]),
        (["overview", "pets/cat/1", "pets/dog/1"], ["cat", "dog"]),
        (["train/cat/1", "train/dog/1", "test/1"], ["cat", "dog"]),
        ([r"pets\cat\1", r"pets\dog\1"], ["cat", "dog"]),
    ],
)
def test_classes_are_the_folders(tmp_path, paths, classes):
    path = pets(tmp_path / "pets.zip", {f"{each}.png": picture("L", (4, 4)) for each in paths})
    assert read_columns(path, "pets.zip").arrays["class"].tolist() == classes


def test_long_names_of_folders_stay_apart(tmp_path):
    files = {f"{'x' * 90}{end}/{n}.png": picture("L", (4, 4)) for end in "ab" for n in range(3)}
    facts = read(pets(tmp_path / "pets.zip", files))
    assert len(propose(facts).target.classes) == 2


def test_large_pictures_are_reduced_and_their_preview_too(tmp_path):
    files = {f"{name}/{n}.png": picture("RGB", (600, 300), seed=n) for name in "ab" for n in range(3)}
    path = pets(tmp_path / "pets.zip", files)
    facts = read(path)
    assert facts.reading == PictureReading(height=128, width=256, channels="colour") and "128 × 256" in facts.notes[0]
    blocks = np.asarray(facts.preview[0]["picture"])
    picture_ = load_samples(propose(facts), path).inputs["picture"][0]
    assert blocks.size <= 4096 and abs(blocks.mean() - picture_.mean()) < 2


@pytest.mark.parametrize(
    ("entries", "sentence"),
    [
        ({"a/1.png": b"", "../b/1.png": b""}, "outside of itself"),
        ({"a/1.png": b"", "/b/1.png": b""}, "outside of itself"),
        ({"a/1.png": b"", r"C:\b\1.png": b""}, "outside of itself"),
        ({"a/1.png": picture("L", (4, 4)), "b/1.png": large_picture()}, "too large"),
        ({"a/1.png": picture("L", (4, 4)), "b/1.png": b"text"}, "less than two class folders"),
        ({f"{name}/1.jpg": picture("L", (64, 64), "JPEG")[:700] for name in "ab"}, "less than two class folders"),
        ({"1.png": picture("L", (4, 4))}, "lie in no class folders"),
        ({"a/notes.txt": b""}, "without pictures"),
        ({}, "without pictures"),
        ({"a/1.bmp": bytes(65 << 20)}, "too large pictures"),
    ],
)
def test_archives_that_cannot_be_read_are_refused(tmp_path, entries, sentence):
    with pytest.raises(Refusal, match=sentence):
        read(pets(tmp_path / "pets.zip", entries))


def test_a_recipe_of_another_kind_of_file_is_refused(tmp_path):
    path = pets(tmp_path / "pets.zip", {f"{name}/1.png": picture("L", (4, 4)) for name in "ab"})
    with pytest.raises(Refusal, match="not of the kind"):
        read_columns(path, "pets.zip", SheetReading())
