"""Tables that are larger than memory: read some rows at a time, and written down once as numbers."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from components.data.columns import Array
from components.data.dialect import Dialect, recognise
from components.data.frames import column_array, column_names, first_row, plain_frame, skip_lines
from components.data.parquet import LIMITS, UNREADABLE, check_declared, usable_columns
from components.data.table import check_width, uneven
from components.data.unpacking import Unpacker
from components.recipe import ArrayReading, Refusal, TableReading
from components.recipe.reading import MARKS
from components.recipe.wording import shown

CELLS = 2_000_000
"""Cells that are in memory at once."""


def unpack_table(path: Path, file_name: str, reading: TableReading | None, unpacker: Unpacker) -> None:
    """Writes down a text table: the columns that `read_table` gives, with the same values.

    Raises:
        Refusal: when it is not a table, or has rows longer than its first.
    """
    dialect = recognise(path, file_name, reading)
    reading = dialect.reading
    check_width(file_name, dialect.width)
    notes = list(dialect.notes)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            counting = reading.header and _counts_rows(path, dialect)
            if counting:
                notes.append("The first column has no name and only numbers the rows; it was left out.")
            first = int(counting)
            names = column_names((_first_line(path, reading) if reading.header else [""] * dialect.width)[first:])

            def parts(words: Collection[str]) -> Iterator[dict[str, Array]]:
                places = {place: name in words for place, name in enumerate(names, start=first)}
                for frame in _frames(path, dialect, [place for place, is_text in places.items() if is_text]):
                    columns = (
                        column_array(frame[place], MARKS[reading.decimal], "" if is_text else MARKS[reading.thousands])
                        for place, is_text in places.items()
                    )
                    yield dict(zip(names, columns, strict=True))

            notes += unpacker.table(parts)
    except (pd.errors.ParserError, pd.errors.ParserWarning) as error:
        raise uneven(file_name, dialect.width, error) from error
    unpacker.close(notes, reading)


def unpack_parquet(path: Path, file_name: str, reading: ArrayReading | None, unpacker: Unpacker) -> None:
    """Writes down a Parquet table: the columns that `read_parquet` gives, with the same values.

    Raises:
        Refusal: when it is damaged, or one of its row groups is larger than 2 GiB.
    """
    try:
        with pq.ParquetFile(path, **LIMITS) as file:
            check_declared(file.metadata, file_name, path.stat().st_size)
            usable, texts, notes = usable_columns(file.schema_arrow)
        rows = max(1, CELLS // max(1, len(usable)))
        names = dict(zip(column_names(usable), usable, strict=True))

        def parts(words: Collection[str]) -> Iterator[dict[str, Array]]:
            with pq.ParquetFile(path, read_dictionary=texts, **LIMITS) as file:
                for batch in file.iter_batches(rows, columns=usable, use_threads=False):
                    frame = plain_frame(pa.Table.from_batches([batch]))
                    yield {each: column_array(frame[name]) for each, name in names.items()}

        notes += unpacker.table(parts)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise Refusal(UNREADABLE.format(shown(file_name)), detail=shown(error, 300)) from error
    unpacker.close(notes, ArrayReading(format="parquet"))


def _first_line(path: Path, reading: TableReading) -> list[str]:
    with path.open(encoding=reading.encoding, errors="replace", newline="") as file:
        return first_row(file, MARKS[reading.separator], reading.title_lines)


def _frames(path: Path, dialect: Dialect, texts: Collection[int] = (), only: list[int] | None = None) -> Iterator[pd.DataFrame]:
    """The table some rows at a time, its columns by their places; those in `texts` are left as they are written."""
    reading = dialect.reading
    with (
        path.open(encoding=reading.encoding, errors="replace", newline="") as file,
        pd.read_csv(
            skip_lines(file, reading.title_lines),
            sep=MARKS[reading.separator],
            decimal=MARKS[reading.decimal],
            encoding_errors="replace",
            header=0 if reading.header else None,
            names=range(dialect.width),
            usecols=only,
            dtype=dict.fromkeys(texts, str),
            index_col=False,
            skipinitialspace=True,
            low_memory=False,
            chunksize=max(1, CELLS // dialect.width),
        ) as frames,
    ):
        yield from frames


def _counts_rows(path: Path, dialect: Dialect) -> bool:
    """Whether the first column has no name and only counts the rows."""
    if _first_line(path, dialect.reading)[0].strip():
        return False
    last = None
    for frame in _frames(path, dialect, only=[0]):
        values = frame[0].to_numpy()
        if values.dtype.kind != "i" or (np.diff(values if last is None else [last, *values]) != 1).any():
            return False
        last = values[-1]
    return True
