"""How a text table is written: encoding, separator, marks in numbers, and whether its first line holds names."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from components.data.encoding import encoding_and_lines
from components.data.number_marks import NUMBER, number_marks
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
    encoding, lines = encoding_and_lines(path, file_name, given.encoding if given else None)
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        head = [line for _, line in zip(range(SNIFFED_LINES), file, strict=False)]
    separator, rows = _separator(head, [given.separator] if given else list(SEPARATORS))
    if not any(line.strip() for line in head):
        raise Refusal(f"{shown(file_name)} is empty; a table with a line of names and rows of values was expected.")
    if not rows:
        raise Refusal(f"{shown(file_name)} has cells of more than 128 KiB; numbers, or short words for classes, were expected.")
    if len(rows[0]) < 2:
        among = SEPARATORS[given.separator] if given else "commas, semicolons or tabs"
        raise Refusal(
            f"{shown(file_name)} has one column; a table needs at least one input column and a target column, "
            f"separated by {among}."
        )
    if given is None:
        decimal, thousands = number_marks([cell for row in rows[1:] for cell in row], separator)
        given = TableReading(
            encoding=encoding, separator=separator, decimal=decimal, thousands=thousands, header=has_names(rows)
        )
    return Dialect(given, tuple(rows[0]) if given.header else (), len(rows[0]), lines)


def has_names(rows: list[list[str]]) -> bool:
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


def _separator(head: list[str], candidates: list[Separator]) -> tuple[Separator, list[list[str]]]:
    """The separator that splits most lines into as many cells as the first, and of those the one with most cells."""
    best: tuple[float, int] = (0.0, 0)
    separator: Separator = "comma"
    rows: list[list[str]] = []
    for candidate in candidates:
        try:
            split = [row for row in csv.reader(head, delimiter=MARKS[candidate], skipinitialspace=True) if row]
        except csv.Error:
            continue
        if not split:
            continue
        width = len(split[0])
        alike = sum(len(row) == width for row in split) / len(split)
        score = (alike, width) if width > 1 else (0.0, 1)
        if score > best:
            best, separator, rows = score, candidate, split
    return separator, rows
