"""Text tables: CSV, TSV and their relatives, read with pandas once their dialect is known."""

from __future__ import annotations

import warnings
from pathlib import Path

import pandas as pd

from components.data.columns import Array, Columns
from components.data.dialect import Dialect, recognise
from components.data.frames import read_text_table
from components.recipe import Refusal, TableReading
from components.recipe.reading import MARKS
from components.recipe.wording import shown

MAX_COLUMNS, MAX_CELLS = 10_000, 50_000_000


def read_table(path: Path, file_name: str, reading: TableReading | None = None) -> Columns:
    """Reads a text table into columns: numbers as float or integer arrays, text as arrays of `str` with None for a gap.

    Args:
        path: The file.
        file_name: Its name, for sentences.
        reading: How it is written; None to recognise that.

    Raises:
        Refusal: when it is not a table, is too large, has rows longer than its first, or has no rows.
    """
    dialect = recognise(path, file_name, reading)
    if dialect.width > MAX_COLUMNS or dialect.width * dialect.lines > MAX_CELLS:
        raise Refusal(
            f"{shown(file_name)} has {dialect.width:,} columns and about {dialect.lines:,} rows; at most "
            f"{MAX_COLUMNS:,} columns and {MAX_CELLS:,} cells can be read as text. Save larger data as NPZ or Parquet."
        )
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
            return read_text_table(path, reading.encoding, separator, decimal, thousands, reading.header)
    except (pd.errors.ParserError, pd.errors.ParserWarning) as error:
        raise Refusal(
            f"{shown(file_name)} is not an even table: some rows have more cells than its first line, or a quotation mark "
            f"is never closed. Expected {dialect.width} cells in every row; mend the rows and upload it again.",
            detail=shown(error, 300),
        ) from error
