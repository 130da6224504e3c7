"""Reads an uploaded dataset: the format is recognised by content, never by the file's name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from components.data.archive import read_archive
from components.data.columns import Columns, describe, preview
from components.data.facts import DatasetFacts
from components.data.table import read_table
from components.recipe import Refusal
from components.recipe.wording import shown


@dataclass(frozen=True)
class Format:
    """A format that can be read: its name in the facts, the bytes with which such a file begins, and its reader."""

    name: Literal["csv", "npz"]
    beginnings: tuple[bytes, ...]
    read: Callable[[Path, str], Columns]


FORMATS = (Format("npz", (b"PK\x03\x04", b"PK\x05\x06"), read_archive), Format("csv", (b"",), read_table))
"""The first whose beginning fits reads the file; text has no beginning of its own and comes last."""

FOREIGN: dict[tuple[bytes, ...], tuple[str, str]] = {
    (b"\x1f\x8b",): ("compressed with gzip", "Unpack it first."),
    (b"PAR1",): ("a Parquet file", "Save it as CSV or NPZ."),
    (b"\x93NUMPY",): ("a single NumPy array", "Save inputs and target together: numpy.savez(file, x=…, y=…)."),
    (b"\x89HDF",): ("an HDF5 file", "If it is a model, upload it on the Models page; save data as CSV or NPZ."),
    (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05"): (
        "a Python pickle",
        "Such files can run code and are never opened; save the data as CSV or NPZ.",
    ),
    (b"%PDF",): ("a PDF document", "Save the table as CSV."),
    (b"\x89PNG", b"\xff\xd8\xff"): ("a single picture", "Save pictures and labels together: numpy.savez(file, x=…, y=…)."),
    (b"\xd0\xcf\x11\xe0",): ("an old Excel file", "Save it as CSV."),
}
"""What people upload by mistake, by its first bytes: what it is, and what to do."""


def read_dataset(path: Path, file_name: str, sha256: str) -> DatasetFacts:
    """Reads an uploaded file and describes it.

    Raises:
        Refusal: when it is not a dataset that can be read; the sentence says why and what to do.
    """
    format, columns = _read(path, file_name)
    if len(columns.arrays) < 2:
        raise Refusal(f"{shown(file_name)} has only “{next(iter(columns.arrays))}”; inputs and a target were expected.")
    return DatasetFacts(
        sha256=sha256,
        file_name=file_name,
        size=path.stat().st_size,
        format=format.name,
        rows=columns.rows,
        columns=tuple(describe(columns)),
        preview=preview(columns),
        notes=columns.notes,
    )


def read_columns(path: Path, file_name: str) -> Columns:
    """Reads an uploaded file into memory.

    Raises:
        Refusal: as `read_dataset`.
    """
    return _read(path, file_name)[1]


def _read(path: Path, file_name: str) -> tuple[Format, Columns]:
    with path.open("rb") as file:
        head = file.read(16)
    if not head:
        raise Refusal(f"{shown(file_name)} is empty; a table (CSV) or arrays (NPZ) were expected.")
    for beginnings, (what, advice) in FOREIGN.items():
        if head.startswith(beginnings):
            raise Refusal(f"{shown(file_name)} is {what}; a table (CSV) or arrays (NPZ) were expected. {advice}")
    format = next(each for each in FORMATS if head.startswith(each.beginnings))
    return format, format.read(path, file_name)
