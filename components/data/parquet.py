"""Parquet tables, read with pyarrow; what a file declares is checked before any of it is decompressed."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from components.data.columns import Columns
from components.data.frames import column_array, column_names, plain_frame
from components.data.table import MAX_CELLS, MAX_COLUMNS
from components.data.wording import listed
from components.recipe import ArrayReading, Refusal
from components.recipe.wording import shown

MAX_BYTES = 2 << 30
LIMITS = {"thrift_string_size_limit": 64 << 20, "thrift_container_size_limit": 64 << 20}
"""Bytes of names and schema that pyarrow may allocate while it reads what a file declares."""


def read_parquet(path: Path, file_name: str, reading: ArrayReading | None = None) -> Columns:
    """Reads a Parquet table into columns: numbers and truth values as arrays, text and times as `str` with None for a gap.

    Columns of lists, structures and bytes are left out, and a note says so.

    Raises:
        Refusal: when it is damaged, too large, or has no rows.
    """
    try:
        with pq.ParquetFile(path, **LIMITS) as file:
            declared = file.metadata
            groups = [declared.row_group(number) for number in range(declared.num_row_groups)]
            size = sum(group.total_byte_size for group in groups)
            if declared.num_columns > MAX_COLUMNS or declared.num_columns * declared.num_rows > MAX_CELLS or size > MAX_BYTES:
                raise Refusal(
                    f"{shown(file_name)} has {declared.num_columns:,} columns and {declared.num_rows:,} rows that unpack to "
                    f"{size / 2**30:.1f} GiB; at most {MAX_COLUMNS:,} columns, {MAX_CELLS:,} cells and "
                    f"{MAX_BYTES >> 30} GiB can be read."
                )
            schema = file.schema_arrow
            usable = [field.name for field in schema if _is_usable(field.type)]
        # As a dictionary, a text that all rows share is kept once, however long it is.
        words = [field.name for field in schema if pa.types.is_string(field.type) or pa.types.is_large_string(field.type)]
        with pq.ParquetFile(path, read_dictionary=words, **LIMITS) as file:
            table = file.read(columns=usable, use_threads=False)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise Refusal(
            f"{shown(file_name)} is a damaged Parquet file, or of a kind that cannot be read; save it again.",
            detail=shown(error, 300),
        ) from error
    if not table.num_rows or not table.num_columns:
        raise Refusal(f"{shown(file_name)} has no rows of numbers or text; it needs at least one.")
    notes = []
    if len(usable) < len(schema):
        left = [field.name for field in schema if field.name not in usable]
        notes.append(f"Columns of lists, structures or bytes were left out: {listed(left)}.")
    names = [name for name in table.column_names if not name.startswith("__index_level_")]
    if len(names) < table.num_columns:
        notes.append("The index of the table was left out.")
    frame = plain_frame(table)
    arrays = {each: column_array(frame[name]) for each, name in zip(column_names(names), names, strict=True)}
    return Columns(arrays, tuple(notes), reading=ArrayReading(format="parquet"))


def _is_usable(kind: pa.DataType) -> bool:
    value = kind.value_type if pa.types.is_dictionary(kind) else kind
    tests = (
        pa.types.is_integer,
        pa.types.is_floating,
        pa.types.is_decimal,
        pa.types.is_boolean,
        pa.types.is_string,
        pa.types.is_large_string,
        pa.types.is_timestamp,
        pa.types.is_date,
    )
    return any(test(value) for test in tests)
