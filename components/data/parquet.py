"""Parquet tables, read with pyarrow; what a file declares is checked before any of it is decompressed."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from components.data.columns import Columns
from components.data.frames import column_array, column_names, plain_frame
from components.data.on_disk import MOST_IN_MEMORY
from components.data.table import check_width
from components.data.wording import listed
from components.recipe import ArrayReading, Refusal
from components.recipe.wording import shown

MAX_GROUP, MAX_CELLS, MOST_TIMES = 2 << 30, 50_000_000, 100
LIMITS = {"thrift_string_size_limit": 64 << 20, "thrift_container_size_limit": 64 << 20}
"""Bytes of names and schema that pyarrow may allocate while it reads what a file declares."""


UNREADABLE = "{} is a damaged Parquet file, or of a kind that cannot be read; save it again."


def read_parquet(
    path: Path, file_name: str, reading: ArrayReading | None = None, in_memory: int = MOST_IN_MEMORY
) -> Columns | None:
    """Reads a Parquet table into columns: numbers and truth values as arrays, text and times as `str` with None for a gap.

    Columns of lists, structures and bytes are left out, and a note says so. None where they take more than `in_memory` bytes.

    Raises:
        Refusal: when it is damaged, too large, or has no rows.
    """
    try:
        with pq.ParquetFile(path, **LIMITS) as file:
            if check_declared(file.metadata, file_name, path.stat().st_size) > in_memory:
                return None
            usable, texts, notes = usable_columns(file.schema_arrow)
        with pq.ParquetFile(path, read_dictionary=texts, **LIMITS) as file:
            table = file.read(columns=usable, use_threads=False)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise Refusal(UNREADABLE.format(shown(file_name)), detail=shown(error, 300)) from error
    if not table.num_rows or not table.num_columns:
        raise Refusal(f"{shown(file_name)} has no rows of numbers or text; it needs at least one.")
    frame = plain_frame(table)
    arrays = {each: column_array(frame[name]) for each, name in zip(column_names(usable), usable, strict=True)}
    return Columns(arrays, tuple(notes), reading=ArrayReading(format="parquet"))


def check_declared(declared: pq.FileMetaData, file_name: str, size: int) -> int:
    """The bytes that a table takes as numbers, once what it declares is something that can be read.

    Args:
        declared: What the file says of itself.
        file_name: For sentences.
        size: Of the file, in bytes.

    Raises:
        Refusal: when it has more than 10,000 columns, a row group that unpacks to more than 2 GiB, or unpacks to more than 50
            million cells and to more than a hundred times its own size, as only a file does that was made to harm.
    """
    check_width(file_name, declared.num_columns)
    groups = [declared.row_group(number).total_byte_size for number in range(declared.num_row_groups)]
    cells = declared.num_columns * declared.num_rows
    if max(groups, default=0) > MAX_GROUP or (cells > MAX_CELLS and 8 * cells > MOST_TIMES * size):
        raise Refusal(
            f"{shown(file_name)} has {declared.num_rows:,} rows that unpack to {max(sum(groups), 8 * cells) / 2**30:.1f} GiB, "
            f"from {size / 2**30:.3f} GiB; at most {MOST_TIMES} times its own size, and {MAX_GROUP >> 30} GiB in each row "
            "group, can be read. Save it again in smaller row groups."
        )
    return max(sum(groups), 8 * cells)


def usable_columns(schema: pa.Schema) -> tuple[list[str], list[str], list[str]]:
    """The columns that can be read, the columns of text, and notes on what is left out.

    Text is to be read as a dictionary: one that all rows share is kept once then, however long it is.
    """
    readable = [field.name for field in schema if _is_usable(field.type)]
    texts = [field.name for field in schema if pa.types.is_string(field.type) or pa.types.is_large_string(field.type)]
    notes = []
    if len(readable) < len(schema):
        left = [field.name for field in schema if field.name not in readable]
        notes.append(f"Columns of lists, structures or bytes were left out: {listed(left)}.")
    usable = [name for name in readable if not name.startswith("__index_level_")]
    if len(usable) < len(readable):
        notes.append("The index of the table was left out.")
    return usable, texts, notes


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
