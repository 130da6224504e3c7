"""Arrays of an uncompressed NPZ file, mapped into memory where they lie: nothing of them is read before it is used."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from math import prod
from pathlib import Path
from typing import IO

import numpy as np
from numpy.lib import format as npy

from components.data.columns import Array

_LOCAL_HEADER = struct.Struct("<4s22xHH")
"""Of an entry of a zip archive: its mark, and after what the directory repeats the lengths of its name and its extra field."""


def is_stored(entry: zipfile.ZipInfo) -> bool:
    """Whether an entry lies in its archive as it is: neither compressed nor locked by a password."""
    return entry.compress_type == zipfile.ZIP_STORED and not entry.flag_bits & 1


def map_array(path: Path, entry: zipfile.ZipInfo) -> Array:
    """An array of an archive, mapped for reading.

    Args:
        path: The archive.
        entry: One that `is_stored`, and holds an `.npy` file.

    Raises:
        ValueError: when it is no array of numbers or of fixed text, or is longer than the file.
    """
    with path.open("rb") as file:
        file.seek(entry.header_offset)
        mark, name, extra = _LOCAL_HEADER.unpack(file.read(_LOCAL_HEADER.size))
        if mark != b"PK\x03\x04":
            raise ValueError(f"{entry.filename} is not where the archive says")
        begin = file.seek(entry.header_offset + _LOCAL_HEADER.size + name + extra)
        shape, column_order, dtype = array_header(file)
        offset, end = file.tell(), file.seek(0, 2)
    size = prod(shape) * dtype.itemsize
    if dtype.hasobject or min(shape, default=0) < 0 or offset + size > min(end, begin + entry.file_size) or not size:
        raise ValueError(f"{entry.filename} declares the shape {shape}, which its {entry.file_size} bytes cannot hold")
    return np.memmap(path, dtype, "r", offset, shape, order="F" if column_order else "C")


def array_header(file: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype]:
    """Shape, whether columns come first, and type of an `.npy` file; `file` then stands at its first value.

    Raises:
        ValueError: when it does not begin as such a file does.
    """
    version = npy.read_magic(file)
    shape, column_order, dtype = npy.read_array_header_1_0(file) if version == (1, 0) else npy.read_array_header_2_0(file)
    return shape, column_order, dtype


@contextmanager
def new_array(archive: zipfile.ZipFile, name: str, shape: tuple[int, ...], dtype: np.dtype) -> Iterator[IO[bytes]]:
    """A new entry of an archive with an array of this shape; its values are then written as bytes, in row-major order."""
    with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as file:
        npy.write_array_header_2_0(file, {"descr": npy.dtype_to_descr(dtype), "fortran_order": False, "shape": shape})
        yield file
