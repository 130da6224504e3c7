"""How text tables are written: marks in numbers and encodings, recognised or given, against pandas and Python's codecs."""

import numpy as np
import pandas as pd
import pytest

from components.data.encoding import encoding_and_lines
from components.data.number_marks import number_marks
from components.data.read import read_columns, read_dataset
from components.recipe import Refusal, TableReading


@pytest.mark.parametrize(
    ("cells", "separator", "marks"),
    [
        ("1.5 2", "comma", ("point", "none")),
        ("1,5 2", "semicolon", ("comma", "none")),
        ("1,5 2", "comma", ("comma", "none")),
        ("1.234,5 7", "semicolon", ("comma", "point")),
        ("1,234.5 7", "comma", ("point", "comma")),
        ("1,234 7", "comma", ("point", "comma")),
        ("1,234 7", "semicolon", ("comma", "none")),
        ("1.234 7", "semicolon", ("point", "none")),
        ("0,234 7", "comma", ("comma", "none")),
        ("1'234.5 7", "comma", ("point", "apostrophe")),
        ("1_234,5 0,5", "semicolon", ("comma", "space")),
        ("1.5 1,5", "semicolon", ("point", "none")),
        ("01.02.2024 3,5", "semicolon", ("comma", "none")),
        ("1.5e3 word", "tab", ("point", "none")),
    ],
)
def test_marks_are_recognised(cells, separator, marks):
    assert number_marks([cell.replace("_", " ") for cell in cells.split()], separator) == marks


def test_thousands_become_numbers_and_dates_do_not(write):
    values = np.round(np.random.default_rng(0).normal(size=40) * 1e5, 2)
    written = [f"{value:,.2f}".translate(str.maketrans(",.", ".,")) for value in values]
    rows = [["price", "day", "y"], *([text, f"{1 + n % 28:02}.02.2024", n % 2] for n, text in enumerate(written))]
    path = write(rows, separator=";")
    columns = read_columns(path, "t.csv")
    pd.testing.assert_series_equal(
        pd.Series(columns.arrays["price"]), pd.read_csv(path, sep=";", decimal=",", thousands=".")["price"], check_names=False
    )
    assert columns.arrays["day"][0] == "01.02.2024" and "set apart by “.”" in " ".join(columns.notes)


TEXTS = {
    "gb18030": "名称,价格,类别\n苹果,1,水果\n白菜,2,蔬菜\n香蕉,3,水果\n",
    "cp1251": "название,цена,класс\nяблоко,1,фрукт\nкапуста,2,овощ\nбанан,3,фрукт\n",
    "cp1252": "größe,prix,classe\nété,1,für\nça,2,où\nnaïve,3,señor\n",
    "utf-8": "größe,价格,класс\na,1,b\n",
    "utf-8-sig": "größe,价格,класс\na,1,b\n",
    "utf-16": "größe,价格,класс\na,1,b\n",
    "utf-16-le": "a,b,c\nyes,1,b\n",
    "utf-16-be": "a,b,c\nyes,1,b\n",
}


@pytest.mark.parametrize("encoding", TEXTS)
def test_encodings_are_recognised(write, encoding):
    path = write(TEXTS[encoding], encoding=encoding)
    assert encoding_and_lines(path, "t.csv")[0] == encoding
    expected = pd.read_csv(path, encoding=encoding)
    arrays = read_columns(path, "t.csv").arrays
    assert {name: values.tolist() for name, values in arrays.items()} == {name: list(expected[name]) for name in expected}


def test_what_was_recognised_reads_the_same_again(write):
    path = write("a;b;y\n" + "".join(f"{n},5;1.{n:03};{n % 2}\n" for n in range(20)), encoding="utf-16")
    facts = read_dataset(path, "t.csv", "0" * 64)
    assert facts.reading == TableReading(encoding="utf-16", separator="semicolon", decimal="comma", thousands="point")
    assert read_dataset(path, "t.csv", "0" * 64, facts.reading) == facts


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"separator": "comma", "header": False}, {"column 1": [1, 3], "column 2": [2, 4]}),
        ({"separator": "comma"}, {"1": [3], "2": [4]}),
        ({"separator": "comma", "decimal": "comma"}, {"1": [3], "2": [4]}),
    ],
)
def test_what_is_given_holds(write, given, expected):
    arrays = read_columns(write("1,2\n3,4\n"), "t.csv", TableReading(**given)).arrays
    assert {name: values.tolist() for name, values in arrays.items()} == expected


def test_what_cannot_be_read_so_is_refused(write):
    with pytest.raises(Refusal, match=r"one column.*separated by tabs"):
        read_columns(write("1,2\n3,4\n"), "t.csv", TableReading(separator="tab"))
