"""NPZ files: named NumPy arrays in a zip archive, checked before anything of them is decompressed, and never unpickled."""

from __future__ import annotations

import zipfile
from math import prod
from pathlib import Path

import numpy as np
from numpy.lib import format as npy

from components.data.columns import Array, Columns
from components.data.picture_values import PARTS
from components.recipe import ArrayReading, Refusal
from components.recipe.wording import shown

MAX_ARRAYS, MAX_BYTES = 64, 2 << 30


def read_archive(path: Path, file_name: str, reading: ArrayReading | None = None) -> Columns:
    """Reads the arrays of an NPZ file: `x` and `y`, or any names; the first axis of each counts the samples.

    `x_train` and `x_test` are joined to `x`. A target of shape (n, 1) becomes (n,), a one-hot target class numbers.

    Raises:
        Refusal: when the archive holds no arrays, Python objects, more than 2 GiB, or arrays of different lengths.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            _check(archive, file_name)
            arrays = {}
            for entry in archive.infolist():
                with archive.open(entry) as file:
                    arrays[entry.filename.removesuffix(".npy")] = npy.read_array(file, allow_pickle=False)
    except (zipfile.BadZipFile, ValueError, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise Refusal(
            f"{shown(file_name)} is a damaged NPZ file; save it again with numpy.savez.", detail=shown(error, 300)
        ) from error
    notes: list[str] = []
    arrays = _join_parts({shown(name): array for name, array in arrays.items() if array.ndim}, notes)
    lengths = {name: len(array) for name, array in arrays.items()}
    if not lengths or not max(lengths.values()):
        raise Refusal(f"{shown(file_name)} has no samples; arrays whose first axis counts the samples were expected.")
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"“{name}” {length:,}" for name, length in list(lengths.items())[:5])
        raise Refusal(f"The arrays of {shown(file_name)} have different numbers of samples ({told}); each must have as many.")
    columns = {name: _column(name, array, notes) for name, array in arrays.items()}
    return Columns(columns, tuple(notes), reading=ArrayReading(format="npz"))


def _check(archive: zipfile.ZipFile, file_name: str) -> None:
    entries = archive.infolist()
    if len(entries) > MAX_ARRAYS:
        raise Refusal(f"{shown(file_name)} holds {len(entries)} arrays; at most {MAX_ARRAYS} can be read.")
    size = sum(entry.file_size for entry in entries)
    if size > MAX_BYTES:
        raise Refusal(f"{shown(file_name)} unpacks to {size / 2**30:.1f} GiB; at most {MAX_BYTES >> 30} GiB can be read.")
    for entry in entries:
        with archive.open(entry) as file:
            version = npy.read_magic(file)
            read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
            shape, _, dtype = read(file)
        if dtype.hasobject or dtype.kind not in "biufUS":
            raise Refusal(
                f"The array “{shown(entry.filename)}” of {shown(file_name)} holds {shown(dtype)}; "
                "arrays of numbers, truth values or text were expected."
            )
        if min(shape, default=0) < 0 or prod(shape) * dtype.itemsize > entry.file_size:
            raise ValueError(f"{entry.filename} declares the shape {shape}, which its {entry.file_size} bytes cannot hold")


def _join_parts(arrays: dict[str, Array], notes: list[str]) -> dict[str, Array]:
    joined: dict[str, list[Array]] = {}
    for name, array in arrays.items():
        stem, _, part = name.rpartition("_")
        parts = joined.setdefault(stem if stem and part.lower() in PARTS else name, [])
        if parts and (parts[0].shape[1:] != array.shape[1:] or parts[0].dtype.kind != array.dtype.kind):
            raise Refusal(
                f"“{name}” has samples of another shape or type than the other arrays named “{stem}”; make them alike."
            )
        parts.append(array)
    if len(joined) < len(arrays):
        notes.append("Arrays for training and test were joined; the split is made here.")
    return {name: np.concatenate(parts) if len(parts) > 1 else parts[0] for name, parts in joined.items()}


def _column(name: str, array: Array, notes: list[str]) -> Array:
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim == 2 and name.lower() in ("y", "target", "label", "labels"):
        one_hot = bool(((array == 0) | (array == 1)).all() and (array.sum(axis=1) == 1).all())
        if one_hot:
            notes.append(f"“{name}” is one-hot; its columns were read as the classes 0 to {array.shape[1] - 1}.")
            return np.asarray(array.argmax(axis=1))
    if array.dtype.kind in "US":
        return np.array(
            [value.decode("utf-8", "replace") if isinstance(value, bytes) else value for value in array.tolist()], object
        )
    return array
