"""Lines above and below a text table, such as a title, against tables written by hand; and tables that have none."""

import pytest

from components.data.read import read_columns, read_dataset, unpack
from components.data.unpacked import unpacked_path
from components.recipe import Refusal, TableReading

ROWS = [[1, 0.5, 30, "a"], [2, 1.5, 20, "b"], [3, 2.5, 10, "a"]]
TABLE = "ash,hue,proline,wine\n1,0.5,30,a\n2,1.5,20,b\n3,2.5,10,a\n"
GERMAN = "ash;hue;proline;wine\n1;0,5;30;a\n2;1,5;20;b\n3;2,5;10;a\n"


def read(path, reading=None):
    columns = read_columns(path, path.name, reading)
    return columns, {name: values.tolist() for name, values in columns.arrays.items()}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize(
    ("above", "table", "lines"),
    [
        ("Wine chemistry\n", TABLE, 1),
        ("\n\nÉtat des vins\n\n\n", TABLE, 5),
        ("Wine chemistry, 2024\n", TABLE, 1),
        ('"Wine; ""chemistry"", 2024"\r\n', TABLE, 1),
        ('"Wine\nchemistry"\n', TABLE, 2),
        ('Height 5" of it\n', TABLE, 1),
        ("# made by hand\n# twice\n", TABLE, 2),
        ("Wine,,,\n,,,\nRoom 7,,,\n", TABLE, 3),
        ("Instrument,Spectrometer\nDate,2024-01-31\n\n", TABLE, 3),
        ("Wine chemistry\n\n", GERMAN, 2),
        ("Wine, chemistry\n", GERMAN, 1),
        ("Wine, chemistry, and more, of 2024\n", GERMAN, 1),
        ("Wine;;;\n", GERMAN, 1),
        ("sep=;\n", GERMAN, 1),
        ("Ash, hue, proline, and wine, in 2024\n", TABLE, 1),
        ("Wine\tchemistry\n", TABLE.replace(",", "\t"), 1),
    ],
)
def test_lines_above_the_table_are_left_out(write, above, table, lines, encoding):
    path = write(above + table, encoding=encoding)
    columns, found = read(path)
    assert found == {name: [row[place] for row in ROWS] for place, name in enumerate(["ash", "hue", "proline", "wine"])}
    assert columns.reading.title_lines == lines and columns.reading.header
    assert columns.notes[0] == (
        "A line above the table was left out." if lines == 1 else f"{lines} lines above the table were left out."
    )
    assert read(path, columns.reading)[1] == found


def test_a_title_above_two_columns_or_above_values(write):
    assert read(write("Moons\nacross,moon\n1,a\n2,b\n"))[1] == {"across": [1, 2], "moon": ["a", "b"]}
    columns, found = read(write("Moons\n1,2,a\n3,4,b\n"))
    assert found == {"column 1": [1, 3], "column 2": [2, 4], "column 3": ["a", "b"]} and not columns.reading.header


@pytest.mark.parametrize(
    ("content", "names"),
    [
        (TABLE, ["ash", "hue", "proline", "wine"]),
        ("\n" + TABLE, ["ash", "hue", "proline", "wine"]),
        ("150,4,setosa,versicolor\n5.1,3.5,1.4,0\n4.9,3.0,1.4,0\n", ["150", "4", "setosa", "versicolor"]),
        ("id,,,\n1,2,3,4\n5,6,7,8\n", ["id", "column 2", "column 3", "column 4"]),
        (",,,kind\n?,1,2,a\n4,5,6,b\n", ["column 1", "column 2", "column 3", "kind"]),
        ("word,,\nred,green,blue\npink,black,grey\n", ["word", "column 2", "column 3"]),
        (",,x\n1,2,a\n3,4,b\n", ["column 1", "column 2", "x"]),
        ("7,,,a\n1,2,3,b\n4,5,6,a\n", ["column 1", "column 2", "column 3", "column 4"]),
        ("a,b,c\n1,2\n3\n4,5\n", ["a", "b", "c"]),
        ("a,b,c\nx,2\ny,3\nz,5\n", ["a", "b", "c"]),
        ("a;b;c\n1,5;2,5;x\n1,5;2,5\n", ["a", "b", "c"]),
        ("text;kind\nhello, a, b;1\nhi, 3, d;0\nyes, 4, e;1\n", ["text", "kind"]),
        (
            "big group,,,,small,\n1,2,3,4,5,6\n1,2,3,4,5,6\n",
            ["big group", "column 2", "column 3", "column 4", "small", "column 6"],
        ),
    ],
)
def test_a_table_that_begins_with_its_first_line_keeps_it(write, content, names):
    columns, found = read(write(content))
    assert columns.reading.title_lines == 0 and list(found) == names
    assert not any("above the table" in note for note in columns.notes)


@pytest.mark.parametrize("content", ["a,b\nx,1,2\ny,3,4\n", "150\n151\n", "Title\n150\n", "7\n1,2\n3,4\n"])
def test_what_might_not_be_a_title_is_not_left_out(write, content):
    with pytest.raises(Refusal, match=r"one column|not an even table"):
        read(write(content))


def test_lines_above_the_table_are_given(write):
    path = write(TABLE)
    assert read(path, TableReading(title_lines=2))[1] == {"2": [3], "1.5": [2.5], "20": [10], "b": ["a"]}
    with pytest.raises(Refusal, match="empty below line 9"):
        read(path, TableReading(title_lines=9))


@pytest.mark.parametrize(
    ("below", "told"),
    [
        ("Source: us\n", "The last row, 4, has little more than “Source: us”;"),
        ("\nSource: us,,,\n\n", "The last row, 4, has little more than “Source: us”;"),
        ('"Source: A, B"\nof 2024\n', "The last 2 rows, from row 4 on, have little more than “Source: A, B”;"),
        ("", None),
        ("4,,,\n", None),
        (",,,a\n", None),
        ("n,,1,a\n", None),
    ],
)
@pytest.mark.parametrize("in_memory", [1 << 30, 1])
def test_lines_below_the_table_are_told(write, below, told, in_memory):
    path = write(TABLE + below)
    if in_memory == 1:
        unpack(path, path.name, None, unpacked_path(path, None))
    notes = read_dataset(path, path.name, "0" * 64, in_memory=in_memory).notes
    assert [note.partition(" delete ")[0] for note in notes if "last" in note] == ([told] if told else [])


def test_a_last_sample_with_as_many_gaps_as_others_is_not_told(write):
    path = write("id,a,b,c\np1,1,2,3\np2,,,\np3,1,,2\np4,,,\n")
    assert read_dataset(path, path.name, "0" * 64).notes == ()
