"""How a text table is written: encoding, separator, marks in numbers, lines above it, and whether it has a line of names."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from components.data.encoding import encoding_and_lines
from components.data.frames import skip_lines
from components.data.number_marks import NUMBER, number_marks
from components.data.table_head import find_head, split_head
from components.recipe import Refusal, TableReading
from components.recipe.reading import MARKS, Separator
from components.recipe.wording import shown

SEPARATORS: dict[Separator, str] = {"tab": "tabs", "semicolon": "semicolons", "bar": "vertical bars", "comma": "commas"}
"""In the order in which a tie is decided: where a line could be split either way, a comma may be a decimal mark."""
SNIFFED_LINES = 30

ENCODINGS = {"cp1252": "Windows-1252", "cp1251": "Windows-1251", "cp1250": "Windows-1250", "gb18030": "GB 18030 (Chinese)"}
"""How encodings are called in sentences, where not by their name in capitals."""


@dataclass(frozen=True)
class Dialect:
    """How a table is read. `names` are those of the first line, empty where it holds values; `lines` counts all lines."""

    reading: TableReading
    names: tuple[str, ...]
    width: int
    lines: int

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences on what is not the usual comma-separated UTF-8 text with a line of names."""
        reading = self.reading
        notes = []
        if reading.title_lines:
            count, were = ("A line", "was") if reading.title_lines == 1 else (f"{reading.title_lines} lines", "were")
            notes.append(f"{count} above the table {were} left out.")
        if reading.separator not in ("comma", "tab") or reading.decimal == "comma":
            decimal = " with decimal commas" if reading.decimal == "comma" else ""
            notes.append(f"Values are separated by {SEPARATORS[reading.separator]}{decimal}.")
        if reading.thousands != "none":
            notes.append(f"Thousands are set apart by “{MARKS[reading.thousands]}”, which was taken out of the numbers.")
        if not reading.encoding.startswith("utf-8"):
            name = ENCODINGS.get(reading.encoding, reading.encoding.upper())
            notes.append(f"The text is not UTF-8; it was read as {name}.")
        if not reading.header:
            notes.append("The first line holds values, not names; the columns were named by their position.")
        return tuple(notes)


def recognise(path: Path, file_name: str, given: TableReading | None = None) -> Dialect:
    """Recognises how a table is written, or measures it as `given`.

    Raises:
        Refusal: when it is not text, is empty, has a single column, or has a line longer than 1 MiB.
    """
    encoding, count = encoding_and_lines(path, file_name, given.encoding if given else None)
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        lines = list(itertools.islice(skip_lines(file, given.title_lines if given else 0), SNIFFED_LINES))
    head = split_head(lines, [given.separator]) if given else find_head(lines, SEPARATORS)
    if not any(line.strip() for line in lines):
        below = f" below line {given.title_lines}" if given and given.title_lines else ""
        raise Refusal(f"{shown(file_name)} is empty{below}; a table with a line of names and rows of values was expected.")
    if not head.rows:
        raise Refusal(f"{shown(file_name)} has cells of more than 128 KiB; numbers, or short words for classes, were expected.")
    if head.width < 2:
        among = SEPARATORS[given.separator] if given else "commas, semicolons or tabs"
        raise Refusal(
            f"{shown(file_name)} has one column; a table needs at least one input column and a target column, "
            f"separated by {among}."
        )
    if given is None:
        decimal, thousands = number_marks([cell for row in head.rows[1:] for cell in row], head.separator)
        given = TableReading(
            encoding=encoding,
            separator=head.separator,
            decimal=decimal,
            thousands=thousands,
            title_lines=head.title_lines,
            header=has_names(head.rows),
        )
    return Dialect(given, tuple(head.rows[0]) if given.header else (), head.width, count)


def has_names(rows: Sequence[list[str]]) -> bool:
    """Whether the first row holds names.

    It does if it has a word above numbers, if it has no number at all, or if its numbers only count the columns
    (as pandas writes them); else it is a row like the others.
    """
    first, rest = rows[0], rows[1:]
    numeric = [bool(NUMBER.fullmatch(cell.strip())) for cell in first]
    if not any(numeric):
        return True
    for position, cell in enumerate(first):
        below = [row[position].strip() for row in rest if len(row) > position and row[position].strip()]
        if cell.strip() and not numeric[position] and below and all(NUMBER.fullmatch(value) for value in below):
            return True
    counted = [cell.strip() == str(position) for position, cell in enumerate(first)]
    return sum(counted) >= 2 and all(same for same, number in zip(counted, numeric, strict=True) if number)
