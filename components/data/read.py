"""Reads an uploaded dataset: the format is recognised by content, never by the file's name."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from components.data.archive import read_archive, unpack_archive
from components.data.below import notes_below
from components.data.columns import Columns, describe, preview
from components.data.damaged import DAMAGED
from components.data.excel import read_sheet
from components.data.facts import DatasetFacts
from components.data.on_disk import MOST_IN_MEMORY
from components.data.parquet import read_parquet
from components.data.picture_archive import read_pictures, unpack_pictures
from components.data.table import read_table
from components.data.table_on_disk import unpack_parquet, unpack_table
from components.data.unpacked import open_unpacked, unpacked_path
from components.data.unpacking import Unpacker
from components.recipe import Reading, Refusal
from components.recipe.wording import shown

ZIP = (b"PK\x03\x04", b"PK\x05\x06")


@dataclass(frozen=True)
class Format:
    """A format that can be read.

    `beginnings` are the bytes with which such a file begins; of a zip archive `holds` says by the names of its entries
    whether it is one. `read` takes the path, the file's name, how it is to be read (None is as its content suggests), and how
    many bytes it may bring into memory: None comes back where it would be more, and `unpack` then writes it down.
    """

    name: Literal["csv", "npz", "parquet", "xlsx", "images"]
    beginnings: tuple[bytes, ...]
    read: Callable[[Path, str, Any, int], Columns | None]
    unpack: Callable[[Path, str, Any, Unpacker], None] | None = None
    holds: Callable[[Sequence[str]], bool] = lambda names: True


IMAGES = Format("images", ZIP, read_pictures, unpack_pictures)
FORMATS = (
    Format(
        "npz", ZIP, read_archive, unpack_archive, lambda names: bool(names) and all(name.endswith(".npy") for name in names)
    ),
    Format(
        "xlsx",
        ZIP,
        lambda path, name, reading, in_memory: read_sheet(path, name, reading),
        holds=lambda names: any(name.startswith("xl/") for name in names),
    ),
    IMAGES,
    Format("parquet", (b"PAR1",), read_parquet, unpack_parquet),
    Format("csv", (b"",), read_table, unpack_table),
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


class LargerThanMemory(Refusal):
    """A dataset must be unpacked before it can be read; only then it is known to be one."""


def read_dataset(
    path: Path, file_name: str, sha256: str, reading: Reading | None = None, in_memory: int = MOST_IN_MEMORY
) -> DatasetFacts:
    """Reads an uploaded file and describes it.

    Raises:
        LargerThanMemory: when it takes more than `in_memory` bytes and was not unpacked yet.
        Refusal: when it is not a dataset that can be read; the sentence says why and what to do.
    """
    format = _format(path, file_name, reading)
    columns = _columns(format, path, file_name, reading, in_memory)
    if len(columns.arrays) < 2:
        raise Refusal(f"{shown(file_name)} has only “{next(iter(columns.arrays))}”; inputs and a target were expected.")
    return DatasetFacts(
        sha256=sha256,
        file_name=file_name,
        size=sum(each.stat().st_size for each in path.rglob("*")) if path.is_dir() else path.stat().st_size,
        format=format.name,
        rows=columns.rows,
        columns=tuple(describe(columns)),
        preview=preview(columns),
        notes=(*columns.notes, *notes_below(columns)),
        reading=columns.reading,
    )


def read_columns(path: Path, file_name: str, reading: Reading | None = None, in_memory: int = MOST_IN_MEMORY) -> Columns:
    """Reads an uploaded file; what takes more than `in_memory` bytes stays on disk.

    One that was not unpacked yet is unpacked for this process alone, in its folder of temporary files.

    Raises:
        Refusal: as `read_dataset`.
    """
    format = _format(path, file_name, reading)
    try:
        return _columns(format, path, file_name, reading, in_memory)
    except LargerThanMemory:
        with tempfile.TemporaryDirectory() as folder:
            unpacked = Path(folder, "unpacked.npz")
            unpack(path, file_name, reading, unpacked)
            # What is mapped stays readable when its name has gone.
            return open_unpacked(unpacked)


def unpack(path: Path, file_name: str, reading: Reading | None, out: Path) -> None:
    """Writes an uploaded file down at `out` in the form from which it trains without being in memory.

    Args:
        path: The file.
        file_name: Its name, for sentences.
        reading: How it is read; None is as its content suggests.
        out: `unpacked_path`, where others are to find it.

    Raises:
        Refusal: as `read_dataset`, and when the disk has no room.
    """
    format = _format(path, file_name, reading)
    if format.unpack is None:
        raise Refusal(f"{shown(file_name)} is too large to be read as {format.name}; save it as CSV, Parquet or NPZ.")
    with Unpacker(out) as unpacker:
        format.unpack(path, file_name, reading, unpacker)


def _format(path: Path, file_name: str, reading: Reading | None) -> Format:
    format = IMAGES if path.is_dir() else _by_content(path, file_name)
    if reading is not None and reading.format != format.name:
        raise Refusal(f"{shown(file_name)} is not of the kind that the recipe names ({reading.format}); choose it again.")
    return format


def _by_content(path: Path, file_name: str) -> Format:
    with path.open("rb") as file:
        head = file.read(16)
    if not head:
        raise Refusal(f"{shown(file_name)} is empty; {EXPECTED} was expected.")
    for beginnings, (what, advice) in FOREIGN.items():
        if head.startswith(beginnings):
            raise Refusal(f"{shown(file_name)} is {what}; {EXPECTED} was expected. {advice}")
    names = _entries(path, file_name) if head.startswith(ZIP) else []
    return next(each for each in FORMATS if head.startswith(each.beginnings) and each.holds(names))


def _columns(format: Format, path: Path, file_name: str, reading: Reading | None, in_memory: int) -> Columns:
    for place in (unpacked_path(path, None), unpacked_path(path, reading)):
        if place.exists():
            columns = open_unpacked(place)
            if reading in (None, columns.reading):
                return columns
    found = format.read(path, file_name, reading, in_memory)
    if found is None:
        raise LargerThanMemory(f"{shown(file_name)} is larger than the {in_memory >> 20} MiB that are kept in memory.")
    return found


def _entries(path: Path, file_name: str) -> list[str]:
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.namelist()
    except (*DAMAGED, OSError, ValueError) as error:
        raise Refusal(f"{shown(file_name)} is a damaged zip archive; save it again.", detail=shown(error, 300)) from error
