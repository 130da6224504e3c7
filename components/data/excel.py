"""Excel workbooks (.xlsx): the first sheet, read as a stream of XML events that builds no tree and expands no entity."""

from __future__ import annotations

import itertools
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.parsers import expat

import numpy as np

from components.data.columns import Array, Columns
from components.data.damaged import DAMAGED
from components.data.dialect import SNIFFED_LINES, has_names
from components.data.frames import column_names
from components.data.table import MAX_COLUMNS
from components.recipe import Refusal, SheetReading
from components.recipe.wording import shown

MAX_PART, MAX_CELLS, MAX_DEPTH = 256 << 20, 5_000_000, 50
"""Bytes that one part of a workbook may unpack to, cells of a sheet, and elements within one another."""
CHUNK = 1 << 16

Cell = float | bool | str
Element = tuple[str, dict[str, str], str]
"""An element that has ended: its name without prefix, its attributes, its own text."""


def read_sheet(path: Path, file_name: str, reading: SheetReading | None = None) -> Columns:
    """Reads the first sheet: numbers as float, text as `str` with None for a gap.

    Empty rows do not count, and rows above the table, such as a title, are left out.
    A date is the number of days that Excel keeps, a formula its last result, an error a gap.

    Source: ECMA-376, part 1, 18.3 and 18.4.

    Raises:
        Refusal: when the workbook is damaged, too large, or its first sheet holds no table.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            sheets = [attributes for name, attributes, _ in _elements(archive, "xl/workbook.xml") if name == "sheet"]
            rows = list(_rows(archive, _part(archive, sheets[0])))
    except (*DAMAGED, expat.ExpatError, KeyError, IndexError, ValueError, OSError) as error:
        raise Refusal(
            f"{shown(file_name)} looks like an Excel file, but it is damaged or too large; save it again or as CSV.",
            detail=shown(error, 300),
        ) from error
    above = _rows_above(rows[:SNIFFED_LINES]) if reading is None else reading.title_rows
    rows = rows[above:]
    width = 1 + max((max(row) for row in rows), default=0)
    if len(rows) < 2 or width < 2 or width > MAX_COLUMNS or width * len(rows) > MAX_CELLS:
        raise Refusal(
            f"The first sheet of {shown(file_name)} has {len(rows):,} rows and {width:,} columns; a table of 2 to "
            f"{MAX_COLUMNS:,} columns and at most {MAX_CELLS:,} cells was expected. Save larger ones as CSV."
        )
    if reading is None:
        head = [["" if (cell := row.get(place)) is None else str(cell) for place in range(width)] for row in rows]
        reading = SheetReading(title_rows=above, header=has_names(head[:SNIFFED_LINES]))
    notes = []
    if above:
        notes.append(
            f"{'A row' if above == 1 else f'{above} rows'} above the table {'was' if above == 1 else 'were'} left out."
        )
    if len(sheets) > 1:
        notes.append(f"The workbook has {len(sheets)} sheets; the first, “{shown(sheets[0].get('name', ''))}”, was read.")
    if not reading.header:
        notes.append("The first row holds values, not names; the columns were named by their position.")
    names = [_name(rows[0].get(place)) if reading.header else "" for place in range(width)]
    body = rows[1:] if reading.header else rows
    arrays = {name: _array([row.get(place) for row in body]) for place, name in enumerate(column_names(names))}
    return Columns(arrays, tuple(notes), reading=reading)


def _rows_above(rows: list[dict[int, Cell]]) -> int:
    """How many rows begin a sheet that hold text in less than half as many cells as its widest row: titles and headings."""
    widest = max(map(len, rows), default=0)
    titles = itertools.takewhile(lambda row: 2 * len(row) < widest and any(isinstance(c, str) for c in row.values()), rows)
    return len(list(titles))


def _name(cell: Cell | None) -> str:
    """A name as Excel shows it: a year without a decimal point."""
    whole = isinstance(cell, float) and cell.is_integer()
    return "" if cell is None else str(int(cell) if whole else cell)


def _part(archive: zipfile.ZipFile, sheet: dict[str, str]) -> str:
    """The entry of a sheet, which the workbook names by a relation."""
    wanted = next(value for key, value in sheet.items() if key.endswith(":id"))
    relations = _elements(archive, "xl/_rels/workbook.xml.rels")
    targets = {attributes.get("Id"): attributes["Target"] for name, attributes, _ in relations if name == "Relationship"}
    target = targets[wanted]
    return target[1:] if target.startswith("/") else f"xl/{target}"


def _rows(archive: zipfile.ZipFile, part: str) -> Iterator[dict[int, Cell]]:
    """The rows of a sheet that are not empty: cells by the number of their column."""
    strings = list(_strings(archive))
    row: dict[int, Cell] = {}
    cells, column, value = 0, 0, ""
    for name, attributes, text in _elements(archive, part):
        if name in ("v", "t"):
            value = text if name == "v" else value + text
        elif name == "c":
            letters = re.match(r"[A-Z]{1,3}", attributes.get("r", ""))
            column = _number(letters.group()) if letters else column + 1
            found = _cell(attributes.get("t", "n"), value, strings)
            if found is not None:
                row[column - 1] = found
                cells += 1
            value = ""
        elif name == "row":
            if cells > MAX_CELLS:
                raise ValueError(f"more than {MAX_CELLS:,} cells")
            if row:
                yield row
            row, column = {}, 0


def _cell(kind: str, value: str, strings: list[str]) -> Cell | None:
    if kind == "e" or not value.strip():
        return None
    if kind == "n":
        return float(value)
    text = strings[int(value)] if kind == "s" else value
    return value.strip() == "1" if kind == "b" else text.strip() or None


def _strings(archive: zipfile.ZipFile) -> Iterator[str]:
    """The texts that cells name by their number."""
    if "xl/sharedStrings.xml" not in archive.namelist():
        return
    pieces: list[str] = []
    for name, _, text in _elements(archive, "xl/sharedStrings.xml"):
        if name == "t":
            pieces.append(text)
        elif name == "rPh":
            # How the text before is spoken, which is no part of it.
            pieces.pop()
        elif name == "si":
            yield "".join(pieces)
            pieces = []


def _elements(archive: zipfile.ZipFile, part: str) -> Iterator[Element]:
    """The elements of a part in the order in which they end.

    Raises:
        ValueError: when it is too large, too deep, or declares a document type, in which entities could be hidden.
    """
    ended: list[Element] = []
    open_elements: list[tuple[str, dict[str, str], list[str]]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if len(open_elements) > MAX_DEPTH:
            raise ValueError(f"more than {MAX_DEPTH} elements within one another")
        open_elements.append((name.rpartition(":")[2], attributes, []))

    def end(_: str) -> None:
        name, attributes, text = open_elements.pop()
        ended.append((name, attributes, "".join(text)))

    def declares(*_: object) -> None:
        raise ValueError("it declares a document type")

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = lambda text: open_elements[-1][2].append(text)
    parser.StartDoctypeDeclHandler = declares
    if archive.getinfo(part).file_size > MAX_PART:
        raise ValueError(f"{part} unpacks to more than {MAX_PART >> 20} MiB")
    with archive.open(part) as file:
        while chunk := file.read(CHUNK):
            parser.Parse(chunk)
            yield from ended
            ended.clear()
        parser.Parse(b"", True)
    yield from ended


def _number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - 64
    return number


def _array(cells: list[Cell | None]) -> Array:
    present = [cell for cell in cells if cell is not None]
    if present and len(present) == len(cells) and all(isinstance(cell, bool) for cell in present):
        return np.array(cells, dtype=bool)
    if not any(isinstance(cell, str) for cell in present):
        return np.array([np.nan if cell is None else float(cell) for cell in cells])
    return np.array([None if cell is None else f"{cell:g}" if isinstance(cell, float) else str(cell) for cell in cells], object)
