import zipfile

import numpy as np
import pytest
from sklearn import datasets

from components.data.read import read_columns, read_dataset
from components.recipe import Refusal


def read(path):
    return read_dataset(path, path.name, "0" * 64)


def column(facts, name):
    return next(each for each in facts.columns if each.name == name)


def test_a_table_is_described_as_numpy_counts_it(write, iris_rows):
    facts = read(write(iris_rows))
    iris = datasets.load_iris()
    assert (facts.format, facts.rows, len(facts.columns)) == ("csv", 150, 5)
    assert (column(facts, "species").kind, column(facts, "species").classes) == ("text", ("setosa", "versicolor", "virginica"))
    assert column(facts, "species").counts == (50, 50, 50)
    for index, name in enumerate(iris.feature_names):
        told, values = column(facts, name), iris.data[:, index]
        assert told.kind == "number"
        assert (told.minimum, told.maximum) == (values.min(), values.max())
        assert (told.mean, told.deviation) == pytest.approx((values.mean(), values.std()))
    assert facts.preview[0]["species"] == "setosa"


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_every_separator_and_encoding_gives_the_same_table(write, separator, encoding):
    rows = [["größe", "weight", "class"], *([i / 8, i, "für" if i % 3 else "wider"] for i in range(20))]
    columns = read_columns(write(rows, separator=separator, encoding=encoding), "table.csv")
    assert list(columns.arrays) == ["größe", "weight", "class"]
    np.testing.assert_array_equal(columns.arrays["größe"], np.arange(20) / 8)
    assert columns.arrays["class"].tolist() == [row[2] for row in rows[1:]]
    assert any("not UTF-8" in note for note in columns.notes) == (not encoding.startswith("utf-8"))


def test_decimal_commas_are_numbers_and_told(write):
    facts = read(write("a;b\n" + "\n".join(f"{i},25;{i % 2}" for i in range(12))))
    assert column(facts, "a").mean == pytest.approx(np.mean(np.arange(12) + 0.25))
    assert "decimal commas" in facts.notes[0]


@pytest.mark.parametrize(
    ("first", "names"),
    [
        ("sepal,petal,kind", ["sepal", "petal", "kind"]),
        ("0,1,target", ["0", "1", "target"]),
        ("5.5,1.5,1", ["column 1", "column 2", "column 3"]),
        ("5.5,1.5,rose", ["column 1", "column 2", "column 3"]),
    ],
)
def test_the_first_line_is_names_or_values(write, first, names):
    below = "rose" if first.endswith("rose") else "1"
    facts = read(write(first + "\n" + "\n".join(f"{i}.5,{i},{below}" for i in range(10))))
    assert [each.name for each in facts.columns] == names
    assert facts.rows == (10 if names[0] != "column 1" else 11)
    assert bool(facts.notes) == (names[0] == "column 1")


def test_gaps_are_counted_and_whole_numbers_stay_whole(write):
    facts = read(write("a,b\n1,x\n,y\n3,\n" + "5,x\n" * 9))
    assert (column(facts, "a").kind, column(facts, "a").missing, column(facts, "a").classes) == ("integer", 1, ("1", "3", "5"))
    assert (column(facts, "b").missing, column(facts, "b").counts) == (1, (10, 1))


def test_a_nameless_column_of_row_numbers_is_left_out(write):
    facts = read(write(",a,b\n" + "\n".join(f"{i},{i / 4},{i % 2}" for i in range(10))))
    assert [each.name for each in facts.columns] == ["a", "b"] and "numbers the rows" in facts.notes[0]


def test_names_are_made_printable_short_and_unique(write):
    hostile = "\x1b[31mred" + "x" * 200
    facts = read(write([[hostile, hostile, "a\u202eb", ""], *([1.5, 2.5, i, i % 2] for i in range(10))]))
    names = [each.name for each in facts.columns]
    assert len(set(names)) == 4 and all(len(name) <= 70 and name.isprintable() for name in names) and names[3] == "column 4"


def test_numbers_sort_as_numbers(write):
    facts = read(write("a,target\n" + "\n".join(f"{i}.5,{value}" for i, value in enumerate([10, 9, -1, 2] * 3))))
    assert column(facts, "target").classes == ("-1", "2", "9", "10")


def test_the_many_grey_values_of_pixels_are_not_listed(write):
    facts = read(write([["a", "pixel", "digit"], *([i, i, i % 10] for i in range(100))]))
    assert column(facts, "pixel").classes == () and len(column(facts, "digit").classes) == 10


def test_arrays_keep_their_shapes_and_values(write_npz):
    digits = datasets.load_digits()
    facts = read(write_npz(x=digits.images.astype("uint8"), y=digits.target))
    assert (facts.format, facts.rows, column(facts, "x").shape) == ("npz", 1797, (8, 8))
    assert column(facts, "x").mean == pytest.approx(digits.images.mean())
    assert column(facts, "y").counts == tuple(np.bincount(digits.target))
    np.testing.assert_array_equal(facts.preview[1]["x"], digits.images[1])


def test_training_and_test_arrays_are_joined_in_order(write_npz):
    path = write_npz(x_train=np.zeros((6, 2)), y_train=np.zeros(6, int), x_test=np.ones((4, 2)), y_test=np.ones(4, int))
    columns = read_columns(path, "arrays.npz")
    np.testing.assert_array_equal(columns.arrays["y"], [0] * 6 + [1] * 4)
    assert columns.arrays["x"].shape == (10, 2) and "joined" in columns.notes[0]


def test_one_hot_and_column_targets_become_class_numbers(write_npz):
    numbers = np.arange(12) % 3
    one_hot = read_columns(write_npz(x=np.ones((12, 2)), y=np.eye(3)[numbers]), "a")
    as_column = read_columns(write_npz(x=np.ones((12, 2)), y=numbers[:, None]), "a")
    np.testing.assert_array_equal(one_hot.arrays["y"], numbers)
    np.testing.assert_array_equal(as_column.arrays["y"], numbers)


def zipped(tmp_path, **entries):
    path = tmp_path / "archive.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name.replace("__", "."), content)
    return path


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "is empty"),
        ("\n\n", "is empty"),
        ("a,b\n", "no rows"),
        ("target\n1\n0\n", "one column"),
        ("a,b\n1,2\n1,2,3\n", "not an even table"),
        ('a,b\n1,"2\n3,4\n', "never closed"),
        (b"\x00\x01\x02\x03" * 50, "binary data"),
        ("a,b\n" + "x" * (1 << 21), "longer than 1 MiB"),
        ("a,b\n" + "x" * (1 << 18), "cells of more than 128 KiB"),
        (",".join(f"c{i}" for i in range(10_001)) + "\n", "at most 10,000 columns"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"PAR1....", "Parquet"),
        (b"\x93NUMPY\x01\x00", "single NumPy array"),
        (b"\x80\x04\x95", "pickle"),
        (b"\x89HDF\r\n", "HDF5"),
        (b"PK\x03\x04" + b"junk" * 10, "damaged"),
        (b"\xff\xfea\x00,\x00b\x00\n\x00\xd8", "breaks off"),
    ],
)
def test_what_is_no_table_is_refused(write, content, sentence):
    with pytest.raises(Refusal, match=sentence):
        read(write(content))


def test_an_array_of_objects_is_refused_unopened(tmp_path):
    class Marker:
        def __reduce__(self):
            return (open, (str(tmp_path / "marker"), "w"))

    path = tmp_path / "a.npz"
    np.savez(path, x=np.zeros((3, 2)), y=np.array([Marker()] * 3, dtype=object))
    with pytest.raises(Refusal, match="object"):
        read(path)
    assert not (tmp_path / "marker").exists()


def test_an_array_that_declares_more_than_it_holds_is_refused(tmp_path):
    header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (1099511627776, 256), }\n"
    array = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + b"\0" * 16
    with pytest.raises(Refusal, match="damaged"):
        read(zipped(tmp_path, x__npy=array))


@pytest.mark.parametrize("place", [60, 200, 400, 900], ids="byte {}".format)
def test_compressed_arrays_with_damaged_bytes_are_refused(tmp_path, place):
    path = tmp_path / "a.npz"
    np.savez_compressed(path, x=np.random.default_rng(0).integers(0, 9, (500, 8)), y=np.arange(500) % 3)
    content = bytearray(path.read_bytes())
    content[place : place + 40] = b"\xff" * 40
    path.write_bytes(content)
    with pytest.raises(Refusal, match="damaged"):
        read(path)


@pytest.mark.parametrize(
    ("arrays", "sentence"),
    [
        ({"x": np.zeros((50, 3)), "y": np.zeros(49)}, "different numbers of samples"),
        ({"x": np.zeros((0, 3)), "y": np.zeros(0)}, "no samples"),
        ({"x": np.zeros((5, 3))}, "only “x”"),
        ({"x": np.zeros((5, 3), complex), "y": np.zeros(5)}, "complex128"),
        ({"x_train": np.zeros((5, 3)), "x_test": np.zeros((5, 4)), "y": np.zeros(10)}, "another shape"),
    ],
)
def test_arrays_that_do_not_meet_are_refused(write_npz, arrays, sentence):
    with pytest.raises(Refusal, match=sentence):
        read(write_npz(**arrays))


def test_a_zip_of_something_else_is_named(tmp_path):
    with pytest.raises(Refusal, match="Excel"):
        read(zipped(tmp_path, **{"xl/workbook__xml": "<x/>"}))
    with pytest.raises(Refusal, match="looks like a model"):
        read(zipped(tmp_path, config__json="{}"))


def test_an_archive_that_unpacks_too_large_is_refused_before_it_is_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr("components.data.archive.MAX_BYTES", 1000)
    with pytest.raises(Refusal, match="unpacks to"):
        read(zipped(tmp_path, x__npy=b"\0" * 2000))
