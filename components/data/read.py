"""Reads an uploaded dataset: the format is recognised by content, never by the file's name."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from components.data.archive import read_archive
from components.data.columns import Columns, describe, preview
from components.data.excel import read_sheet
from components.data.facts import DatasetFacts
from components.data.parquet import read_parquet
from components.data.picture_archive import read_pictures
from components.data.table import read_table
from components.recipe import Reading, Refusal
from components.recipe.wording import shown

ZIP = (b"PK\x03\x04", b"PK\x05\x06")


@dataclass(frozen=True)
class Format:
    """A format that can be read.

    `beginnings` are the bytes with which such a file begins; of a zip archive `holds` says by the names of its entries
    whether it is one. `read` takes the path, the file's name, and how it is to be read: None is as its content suggests.
    """

    name: Literal["csv", "npz", "parquet", "xlsx", "images"]
    beginnings: tuple[bytes, ...]
    read: Callable[[Path, str, Any], Columns]
    holds: Callable[[Sequence[str]], bool] = lambda names: True


FORMATS = (
    Format("npz", ZIP, read_archive, lambda names: bool(names) and all(name.endswith(".npy") for name in names)),
    Format("xlsx", ZIP, read_sheet, lambda names: any(name.startswith("xl/") for name in names)),
    Format("images", ZIP, read_pictures),
    Format("parquet", (b"PAR1",), read_parquet),
    Format("csv", (b"",), read_table),
)
"""The first that fits reads the file; text has no beginning of its own and comes last."""

EXPECTED = "a table (CSV, Parquet, Excel), arrays (NPZ) or pictures (zip)"

FOREIGN: dict[tuple[bytes, ...], tuple[str, str]] = {
    (b"\x1f\x8b",): ("compressed with gzip", "Unpack it first."),
    (b"\x93NUMPY",): (
        "a single NumPy array",
        "Bring inputs and target together, as x.npy and y.npy or with numpy.savez(file, x=…, y=…).",
    ),
    (b"\x89HDF",): ("an HDF5 file", "If it is a model, upload it on the Models page; save data as CSV or NPZ."),
    (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05"): (
        "a Python pickle",
        "Such files can run code and are never opened; save the data as CSV or NPZ.",
    ),
    (b"%PDF",): ("a PDF document", "Save the table as CSV."),
    (b"\x89PNG", b"\xff\xd8\xff"): ("a single picture", "Zip a folder for each class with its pictures in it."),
    (b"\xd0\xcf\x11\xe0",): ("an old or locked Excel file", "Save it as .xlsx or CSV, without a password."),
}
"""What people upload by mistake, by its first bytes: what it is, and what to do."""


def read_dataset(path: Path, file_name: str, sha256: str, reading: Reading | None = None) -> DatasetFacts:
    """Reads an uploaded file and describes it.

    Raises:
        Refusal: when it is not a dataset that can be read; the sentence says why and what to do.
    """
    format, columns = _read(path, file_name, reading)
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
        reading=columns.reading,
    )


def read_columns(path: Path, file_name: str, reading: Reading | None = None) -> Columns:
    """Reads an uploaded file into memory.

    Raises:
        Refusal: as `read_dataset`.
    """
    return _read(path, file_name, reading)[1]


def _read(path: Path, file_name: str, reading: Reading | None) -> tuple[Format, Columns]:
    with path.open("rb") as file:
        head = file.read(16)
    if not head:
        raise Refusal(f"{shown(file_name)} is empty; {EXPECTED} was expected.")
    for beginnings, (what, advice) in FOREIGN.items():
        if head.startswith(beginnings):
            raise Refusal(f"{shown(file_name)} is {what}; {EXPECTED} was expected. {advice}")
    names = _entries(path, file_name) if head.startswith(ZIP) else []
    format = next(each for each in FORMATS if head.startswith(each.beginnings) and each.holds(names))
    if reading is not None and reading.format != format.name:
        raise Refusal(f"{shown(file_name)} is not of the kind that the recipe names ({reading.format}); choose it again.")
    return format, format.read(path, file_name, reading)


def _entries(path: Path, file_name: str) -> list[str]:
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.namelist()
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError) as error:
        raise Refusal(f"{shown(file_name)} is a damaged zip archive; save it again.", detail=shown(error, 300)) from error
