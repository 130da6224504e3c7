"""How a text table is written: encoding, separator, decimal mark, and whether its first line holds names."""

from __future__ import annotations

import codecs
import csv
import re
from dataclasses import dataclass
from pathlib import Path

from components.recipe import Refusal
from components.recipe.wording import shown

SEPARATORS = {"\t": "tabs", ";": "semicolons", "|": "vertical bars", ",": "commas"}
"""In the order in which a tie is decided: where a line could be split either way, a comma may be a decimal mark."""
MAX_LINE = 1 << 20
SNIFFED_LINES = 30
_BYTE_ORDER_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?|[+-]?(nan|inf)", re.IGNORECASE)
_DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+")
_DECIMAL_POINT = re.compile(r"[+-]?\d*\.\d+")


@dataclass(frozen=True)
class Dialect:
    """How to read a table. `names` are those of the first line, empty where it holds values; `lines` counts all lines."""

    encoding: str
    separator: str
    decimal: str
    names: tuple[str, ...]
    width: int
    lines: int

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences on what is not the usual comma-separated UTF-8 text with a line of names."""
        notes = []
        if self.separator not in (",", "\t") or self.decimal == ",":
            decimal = " with decimal commas" if self.decimal == "," else ""
            notes.append(f"Values are separated by {SEPARATORS[self.separator]}{decimal}.")
        if not self.encoding.startswith("utf-8"):
            name = "Windows-1252" if self.encoding == "cp1252" else self.encoding.upper()
            notes.append(f"The text is not UTF-8; it was read as {name}.")
        if not self.names:
            notes.append("The first line holds values, not names; the columns were named by their position.")
        return tuple(notes)


def recognise(path: Path, file_name: str) -> Dialect:
    """Recognises how a table is written.

    Raises:
        Refusal: when it is not text, is empty, has a single column, or has a line longer than 1 MiB.
    """
    encoding, lines = _encoding_and_lines(path, file_name)
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        head = [line for _, line in zip(range(SNIFFED_LINES), file, strict=False)]
    separator, rows = _separator(head)
    if not any(line.strip() for line in head):
        raise Refusal(f"{shown(file_name)} is empty; a table with a line of names and rows of values was expected.")
    if not rows:
        raise Refusal(f"{shown(file_name)} has cells of more than 128 KiB; numbers, or short words for classes, were expected.")
    if len(rows[0]) < 2:
        raise Refusal(
            f"{shown(file_name)} has one column; a table needs at least one input column and a target column, "
            "separated by commas, semicolons or tabs."
        )
    cells = [cell for row in rows[1:] for cell in row]
    decimal = "," if separator != "," and _any(_DECIMAL_COMMA, cells) and not _any(_DECIMAL_POINT, cells) else "."
    names = tuple(rows[0]) if _has_names(rows) else ()
    return Dialect(encoding, separator, decimal, names, len(rows[0]), lines)


def _encoding_and_lines(path: Path, file_name: str) -> tuple[str, int]:
    """Walks once over the file, so that nothing larger than a line is ever held: the encoding, and how many lines there are."""
    with path.open("rb") as file:
        head = file.read(4)
        file.seek(0)
        encoding = next((name for mark, name in _BYTE_ORDER_MARKS.items() if head.startswith(mark)), "utf-8")
        decoder = codecs.getincrementaldecoder(encoding)()
        lines = 0
        while True:
            line = file.readline(MAX_LINE + 1)
            if len(line) > MAX_LINE:
                raise Refusal(f"Line {lines + 1} of {shown(file_name)} is longer than 1 MiB; a table has one line a row.")
            if encoding != "utf-16" and b"\0" in line:
                raise Refusal(f"{shown(file_name)} is not a text table: it holds binary data. Save it as CSV or as NPZ.")
            if encoding != "cp1252":
                try:
                    decoder.decode(line, final=not line)
                except UnicodeDecodeError as error:
                    if encoding == "utf-16":
                        raise Refusal(f"{shown(file_name)} breaks off or is not the UTF-16 text it says it is.") from error
                    encoding = "cp1252"
            if not line:
                break
            lines += 1
    return encoding, lines


def _separator(head: list[str]) -> tuple[str, list[list[str]]]:
    """The separator that splits most lines into as many cells as the first, and of those the one with most cells."""
    best: tuple[float, int] = (0.0, 0)
    separator, rows = ",", []
    for candidate in SEPARATORS:
        try:
            split = [row for row in csv.reader(head, delimiter=candidate, skipinitialspace=True) if row]
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


def _has_names(rows: list[list[str]]) -> bool:
    """Whether the first line holds names.

    It does if it has a word above numbers, if it has no number at all, or if its numbers only count the columns
    (as pandas writes them); else it is a row like the others.
    """
    first, rest = rows[0], rows[1:]
    numeric = [bool(_NUMBER.fullmatch(cell.strip())) for cell in first]
    if not any(numeric):
        return True
    for position, cell in enumerate(first):
        below = [row[position].strip() for row in rest if len(row) > position and row[position].strip()]
        if cell.strip() and not numeric[position] and below and all(_NUMBER.fullmatch(value) for value in below):
            return True
    counted = [cell.strip() == str(position) for position, cell in enumerate(first)]
    return sum(counted) >= 2 and all(same for same, number in zip(counted, numeric, strict=True) if number)


def _any(pattern: re.Pattern[str], cells: list[str]) -> bool:
    return any(pattern.fullmatch(cell.strip()) for cell in cells)
