"""Text tables: CSV, TSV and their relatives, read with pandas once their dialect is known."""

from __future__ import annotations

import warnings
from pathlib import Path

import pandas as pd

from components.data.columns import Array, Columns
from components.data.dialect import Dialect, recognise
from components.data.frames import read_text_table
from components.data.on_disk import MOST_IN_MEMORY
from components.recipe import Refusal, TableReading
from components.recipe.reading import MARKS
from components.recipe.wording import shown

MAX_COLUMNS = 10_000


def read_table(
    path: Path, file_name: str, reading: TableReading | None = None, in_memory: int = MOST_IN_MEMORY
) -> Columns | None:
    """Reads a text table into columns: numbers as float or integer arrays, text as arrays of `str` with None for a gap.

    Args:
        path: The file.
        file_name: Its name, for sentences.
        reading: How it is written; None to recognise that.
        in_memory: How many bytes its columns may take; None is returned where they would take more.

    Raises:
        Refusal: when it is not a table, has too many columns, has rows longer than its first, or has no rows.
    """
    dialect = recognise(path, file_name, reading)
    check_width(file_name, dialect.width)
    if max(path.stat().st_size, 8 * dialect.width * dialect.lines) > in_memory:
        return None
    arrays = _parse(path, file_name, dialect)
    if not len(next(iter(arrays.values()))):
        raise Refusal(f"{shown(file_name)} has names but no rows; it needs at least one row of values below them.")
    notes = list(dialect.notes)
    if len(arrays) < dialect.width:
        notes.append("The first column has no name and only numbers the rows; it was left out.")
    return Columns(arrays, tuple(notes), reading=dialect.reading)


def _parse(path: Path, file_name: str, dialect: Dialect) -> dict[str, Array]:
    reading = dialect.reading
    separator, decimal, thousands = MARKS[reading.separator], MARKS[reading.decimal], MARKS[reading.thousands]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            return read_text_table(path, reading.encoding, separator, decimal, thousands, reading.title_lines, reading.header)
    except (pd.errors.ParserError, pd.errors.ParserWarning) as error:
        raise uneven(file_name, dialect.width, error) from error


def check_width(file_name: str, width: int) -> None:
    """Refuses a table of more columns than can be read.

    Raises:
        Refusal: when there are more than 10,000.
    """
    if width > MAX_COLUMNS:
        raise Refusal(f"{shown(file_name)} has {width:,} columns; at most {MAX_COLUMNS:,} columns can be read. Save it as NPZ.")


def uneven(file_name: str, width: int, error: Exception) -> Refusal:
    """What is said of a table whose rows have more cells than its first line, which has `width`."""
    return Refusal(
        f"{shown(file_name)} is not an even table: some rows have more cells than its first line, or a quotation mark "
        f"is never closed. Expected {width} cells in every row; mend the rows and upload it again.",
        detail=shown(error, 300),
    )
