"""From a table to arrays by name. The exported script shows these functions as they stand."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from components.recipe.wording import shown


def skip_lines(file: Any, count: int) -> Any:
    """The same file of text, whose next line is the one below so many."""
    for _ in range(count):
        file.readline()
    return file


def first_row(file: Any, separator: str, title_lines: int) -> list[str]:
    """The cells of the first row of a file of text that is not empty, below so many lines."""
    rows = csv.reader(skip_lines(file, title_lines), delimiter=separator, skipinitialspace=True)
    return next(row for row in rows if row)


def read_text_table(
    path: Any, encoding: str, separator: str, decimal: str, thousands: str, title_lines: int, header: bool
) -> dict[str, np.ndarray]:
    """The columns of a text table: numbers as float or integer arrays, text as arrays of `str` with None for a gap.

    A first column that has no name and only counts the rows is left out.
    """
    import pandas as pd

    with open(path, encoding=encoding, errors="replace", newline="") as file:
        names = first_row(file, separator, title_lines)
        file.seek(0)
        table = pd.read_csv(
            skip_lines(file, title_lines),
            sep=separator,
            decimal=decimal,
            encoding_errors="replace",
            header=0 if header else None,
            index_col=False,
            skipinitialspace=True,
            low_memory=False,
        )
    if header and numbers_rows(names[0], table.iloc[:, 0]):
        table, names = table.iloc[:, 1:], names[1:]
    names = column_names(names if header else [""] * table.shape[1])
    return {name: column_array(table.iloc[:, place], decimal, thousands) for place, name in enumerate(names)}


def column_names(names: Sequence[str]) -> list[str]:
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


def numbers_rows(name: str, column: Any) -> bool:
    """Whether a column of a table has no name and only counts the rows."""
    counts = column.dtype.kind == "i" and len(column) > 1 and bool((np.diff(column.to_numpy()) == 1).all())
    return counts and not name.strip()


def column_array(column: Any, decimal: str = ".", thousands: str = "") -> np.ndarray:
    """A column of a table as numbers, or as text with None for a gap; thousands set apart by a mark become numbers."""
    if column.dtype.kind in "biuf":
        return np.asarray(column.to_numpy())
    gaps = column.isna().to_numpy()
    values = column.astype(object).to_numpy()
    text = np.array([None if gap else str(value).strip() for gap, value in zip(gaps, values, strict=True)], dtype=object)
    number = re.compile(rf"[+-]?(\d+|\d{{1,3}}({re.escape(thousands)}\d{{3}})+)({re.escape(decimal)}\d*)?")
    if thousands and not gaps.all() and all(number.fullmatch(value) for value in text[~gaps]):
        plain = [np.nan if value is None else float(value.replace(thousands, "").replace(decimal, ".")) for value in text]
        return np.array(plain)
    return text


def plain_frame(table: Any) -> Any:
    """A table of pyarrow as one of pandas without an index; decimals become floating-point numbers."""
    import pyarrow as pa

    kinds = [pa.float64() if pa.types.is_decimal(field.type) else field.type for field in table.schema]
    schema = pa.schema(list(zip(table.column_names, kinds, strict=True)))
    return table.cast(schema).to_pandas(ignore_metadata=True)
