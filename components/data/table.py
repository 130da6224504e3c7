"""Text tables: CSV, TSV and their relatives, read with pandas once their dialect is known."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from components.data.columns import Array, Columns
from components.data.dialect import Dialect, recognise
from components.recipe import Refusal
from components.recipe.wording import shown

MAX_COLUMNS, MAX_CELLS = 10_000, 50_000_000


def read_table(path: Path, file_name: str) -> Columns:
    """Reads a text table into columns: numbers as float or integer arrays, text as arrays of `str` with None for a gap.

    Raises:
        Refusal: when it is not a table, is too large, has rows longer than its first, or has no rows.
    """
    dialect = recognise(path, file_name)
    if dialect.width > MAX_COLUMNS or dialect.width * dialect.lines > MAX_CELLS:
        raise Refusal(
            f"{shown(file_name)} has {dialect.width:,} columns and about {dialect.lines:,} rows; at most "
            f"{MAX_COLUMNS:,} columns and {MAX_CELLS:,} cells can be read as text. Save larger data as NPZ."
        )
    frame = _parse(path, file_name, dialect)
    if frame.empty:
        raise Refusal(f"{shown(file_name)} has names but no rows; it needs at least one row of values below them.")
    notes = list(dialect.notes)
    if dialect.names and not dialect.names[0].strip() and _numbers_rows(frame.iloc[:, 0]):
        frame = frame.iloc[:, 1:]
        dialect_names = dialect.names[1:]
        notes.append("The first column has no name and only numbers the rows; it was left out.")
    else:
        dialect_names = dialect.names or ("",) * frame.shape[1]
    names = _clean(dialect_names)
    return Columns({name: _array(frame.iloc[:, index]) for index, name in enumerate(names)}, tuple(notes))


def _parse(path: Path, file_name: str, dialect: Dialect) -> pd.DataFrame:
    options: dict[str, Any] = {
        "sep": dialect.separator,
        "decimal": dialect.decimal,
        "encoding": dialect.encoding,
        "header": 0 if dialect.names else None,
        "index_col": False,
        "skipinitialspace": True,
        "low_memory": False,
        "encoding_errors": "replace" if dialect.encoding == "cp1252" else "strict",
    }
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            return pd.read_csv(path, **options)
    except (pd.errors.ParserError, pd.errors.ParserWarning) as error:
        raise Refusal(
            f"{shown(file_name)} is not an even table: some rows have more cells than its first line, or a quotation mark "
            f"is never closed. Expected {dialect.width} cells in every row; mend the rows and upload it again.",
            detail=shown(error, 300),
        ) from error


def _numbers_rows(column: pd.Series[Any]) -> bool:
    return column.dtype.kind == "i" and len(column) > 1 and bool((np.diff(column.to_numpy()) == 1).all())


def _clean(names: tuple[str, ...]) -> list[str]:
    """Printable names of at most 60 characters, each once; a column without a name is named by its position."""
    cleaned: list[str] = []
    taken: set[str] = set()
    for position, name in enumerate(names, start=1):
        wanted = unique = shown(name) or f"column {position}"
        while unique in taken:
            unique = f"{wanted} ({position})" if unique == wanted else unique + "'"
        taken.add(unique)
        cleaned.append(unique)
    return cleaned


def _array(column: pd.Series[Any]) -> Array:
    if column.dtype.kind in "biuf":
        return np.asarray(column.to_numpy())
    gaps = column.isna().to_numpy()
    values = column.astype(object).to_numpy()
    return np.array([None if gap else str(value).strip() for gap, value in zip(gaps, values, strict=True)], dtype=object)
