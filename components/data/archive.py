"""NPZ files: named NumPy arrays in a zip archive, checked before anything of them is decompressed, and never unpickled."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from math import prod
from pathlib import Path
from tokenize import TokenError

import numpy as np
from numpy.lib import format as npy

from components.data.array_facts import BLOCK
from components.data.columns import Array, Columns
from components.data.damaged import DAMAGED
from components.data.mapped import array_header, is_stored, map_array
from components.data.on_disk import MOST_IN_MEMORY, STAYS
from components.data.picture_values import PARTS
from components.data.unpacking import Unpacker
from components.recipe import ArrayReading, Refusal
from components.recipe.wording import shown

MAX_ARRAYS, MAX_BYTES, MOST_TIMES = 64, 2 << 30, 10
"""An archive of more than `MAX_BYTES` may unpack to ten times its own size: what unpacks to more was made to harm."""
TARGETS = ("y", "target", "label", "labels")


def read_archive(
    path: Path, file_name: str, reading: ArrayReading | None = None, in_memory: int = MOST_IN_MEMORY
) -> Columns | None:
    """Reads the arrays of an NPZ file: `x` and `y`, or any names; the first axis of each counts the samples.

    `x_train` and `x_test` are joined to `x`. A target of shape (n, 1) becomes (n,), a one-hot target class numbers. Arrays
    that take more than `in_memory` bytes are mapped where they lie; None where they cannot be, as they are compressed, are to
    be joined, or lie column by column.

    Raises:
        Refusal: when the archive holds no arrays, Python objects, too many bytes, or arrays of different lengths.
    """
    notes: list[str] = []
    with _opened(path, file_name) as archive:
        _check(archive, path, file_name)
        entries = archive.infolist()
        if sum(entry.file_size for entry in entries) <= in_memory:
            arrays = {}
            for entry in entries:
                with archive.open(entry) as file:
                    arrays[_name(entry)] = npy.read_array(file, allow_pickle=False)
            joined = {name: _concatenated(parts) for name, parts in _parts(arrays, notes).items()}
        elif all(map(is_stored, entries)):
            parts = _parts({_name(entry): map_array(path, entry) for entry in entries}, notes)
            if notes or not all(part.flags.c_contiguous for found in parts.values() for part in found):
                return None
            joined = {name: part for name, [part] in parts.items()}
            notes.append(STAYS)
        else:
            return None
    _check_lengths({name: len(array) for name, array in joined.items()}, file_name)
    columns = {name: _column(name, array, notes) for name, array in joined.items()}
    return Columns(columns, tuple(notes), reading=ArrayReading(format="npz"))


def unpack_archive(path: Path, file_name: str, reading: ArrayReading | None, unpacker: Unpacker) -> None:
    """Writes down the arrays of an NPZ file as `read_archive` gives them.

    Raises:
        Refusal: as `read_archive`.
    """
    notes: list[str] = []
    with _opened(path, file_name) as archive, tempfile.TemporaryDirectory(dir=unpacker.folder) as folder:
        _check(archive, path, file_name)
        unpacker.check_room(sum(entry.file_size for entry in archive.infolist()))
        stored = Path(folder, "stored.npz")
        with zipfile.ZipFile(stored, "w") as copy:
            for entry in archive.infolist():
                with archive.open(entry) as source, copy.open(entry.filename, "w", force_zip64=True) as target:
                    shutil.copyfileobj(source, target, BLOCK)
        with zipfile.ZipFile(stored) as copy:
            parts = _parts({_name(entry): map_array(stored, entry) for entry in copy.infolist()}, notes)
        lengths = {name: sum(map(len, found)) for name, found in parts.items()}
        _check_lengths(lengths, file_name)
        for name, found in parts.items():
            shape = (lengths[name], *found[0].shape[1:])
            if prod(shape[1:]) == 1 or name.lower() in TARGETS or found[0].dtype.kind in "US":
                unpacker.whole(name, _column(name, _concatenated(found), notes))
                continue
            step = max(1, BLOCK // (found[0].dtype.itemsize * prod(shape[1:])))
            with unpacker.array(name, shape, np.result_type(*found)) as write:
                for part in found:
                    for begin in range(0, len(part), step):
                        write(part[begin : begin + step])
    unpacker.close(notes, ArrayReading(format="npz"))


@contextmanager
def _opened(path: Path, file_name: str) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    # The head of an array is read as Python's literals: where it is damaged, NumPy lets the tokenizer's error through.
    except (*DAMAGED, ValueError, OSError, TokenError) as error:
        raise Refusal(
            f"{shown(file_name)} is a damaged NPZ file; save it again with numpy.savez.", detail=shown(error, 300)
        ) from error


def _name(entry: zipfile.ZipInfo) -> str:
    return shown(entry.filename.removesuffix(".npy"))


def _check(archive: zipfile.ZipFile, path: Path, file_name: str) -> None:
    entries = archive.infolist()
    if len(entries) > MAX_ARRAYS:
        raise Refusal(f"{shown(file_name)} holds {len(entries)} arrays; at most {MAX_ARRAYS} can be read.")
    size, most = sum(entry.file_size for entry in entries), max(MAX_BYTES, MOST_TIMES * path.stat().st_size)
    if size > most:
        raise Refusal(f"{shown(file_name)} unpacks to {size / 2**30:.1f} GiB; at most {most / 2**30:.1f} GiB can be read.")
    for entry in entries:
        with archive.open(entry) as file:
            shape, _, dtype = array_header(file)
        if dtype.hasobject or dtype.kind not in "biufUS":
            raise Refusal(
                f"The array “{shown(entry.filename)}” of {shown(file_name)} holds {shown(dtype)}; "
                "arrays of numbers, truth values or text were expected."
            )
        if min(shape, default=0) < 0 or prod(shape) * dtype.itemsize > entry.file_size:
            raise ValueError(f"{entry.filename} declares the shape {shape}, which its {entry.file_size} bytes cannot hold")


def _check_lengths(lengths: Mapping[str, int], file_name: str) -> None:
    if not lengths or not max(lengths.values()):
        raise Refusal(f"{shown(file_name)} has no samples; arrays whose first axis counts the samples were expected.")
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"“{name}” {length:,}" for name, length in list(lengths.items())[:5])
        raise Refusal(f"The arrays of {shown(file_name)} have different numbers of samples ({told}); each must have as many.")


def _parts(arrays: dict[str, Array], notes: list[str]) -> dict[str, list[Array]]:
    """The arrays that make one together, such as `x_train` and `x_test`; those that count nothing are left out."""
    joined: dict[str, list[Array]] = {}
    counting = {name: array for name, array in arrays.items() if array.ndim}
    for name, array in counting.items():
        stem, _, part = name.rpartition("_")
        parts = joined.setdefault(stem if stem and part.lower() in PARTS else name, [])
        if parts and (parts[0].shape[1:] != array.shape[1:] or parts[0].dtype.kind != array.dtype.kind):
            raise Refusal(
                f"“{name}” has samples of another shape or type than the other arrays named “{stem}”; make them alike."
            )
        parts.append(array)
    if len(joined) < len(counting):
        notes.append("Arrays for training and test were joined; the split is made here.")
    return joined


def _concatenated(parts: list[Array]) -> Array:
    return np.concatenate(parts) if len(parts) > 1 else parts[0]


def _column(name: str, array: Array, notes: list[str]) -> Array:
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim == 2 and name.lower() in TARGETS:
        one_hot = bool(((array == 0) | (array == 1)).all() and (array.sum(axis=1) == 1).all())
        if one_hot:
            notes.append(f"“{name}” is one-hot; its columns were read as the classes 0 to {array.shape[1] - 1}.")
            return np.asarray(array.argmax(axis=1))
    if array.ndim == 1 and isinstance(array, np.memmap):
        array = np.array(array)
    if array.dtype.kind in "US":
        return np.array(
            [value.decode("utf-8", "replace") if isinstance(value, bytes) else value for value in array.tolist()], object
        )
    return array
