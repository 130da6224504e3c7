"""Single NumPy arrays that belong together, such as `x.npy` and `y.npy`: found by their names, and put into one NPZ file."""

from __future__ import annotations

import re
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from components.data.picture_values import PARTS
from components.engine.pairs import File
from components.store.files import CHUNK

INPUTS = frozenset({"x", "data", "features", "input", "inputs", "image", "images"})
TARGETS = frozenset({"y", "target", "targets", "label", "labels"})
"""The last word of a name that says what an array is."""

BEGINNING = b"\x93NUMPY"


def array_set(file: File, beside: Sequence[File]) -> dict[str, IO[bytes]]:
    """The arrays that make a dataset with this one, by the name of each; empty where there is no input or no target.

    Of `train_x.npy` or `x-train.npy` the name is `x_train`.
    """
    named = {_name(other): stream for stream, other in [*beside, file] if _is_array(stream)}
    found = {name: stream for name, stream in named.items() if _word(name) in INPUTS | TARGETS}
    words = {_word(name) for name in found}
    whole = _name(file[1]) in found and words & INPUTS and words & TARGETS
    return dict(sorted(found.items())) if whole else {}


def set_name(arrays: Sequence[str]) -> str:
    """The file name of a set: `x-y.npz`."""
    return "-".join(dict.fromkeys(name.removesuffix(f"_{_part(name)}") for name in arrays))[:60] + ".npz"


@contextmanager
def as_archive(arrays: dict[str, IO[bytes]]) -> Iterator[IO[bytes]]:
    """One NPZ file of all arrays, for as long as the context lasts; equal bytes for equal arrays."""
    with tempfile.TemporaryFile() as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            for name, stream in arrays.items():
                stream.seek(0)
                # Without a date of its own, the entry bears the first that a zip archive knows.
                with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as entry:
                    while chunk := stream.read(CHUNK):
                        entry.write(chunk)
        file.seek(0)
        yield file


def _is_array(stream: IO[bytes]) -> bool:
    stream.seek(0)
    head = stream.read(len(BEGINNING))
    stream.seek(0)
    return head == BEGINNING


def _name(file_name: str) -> str:
    """A file's name in lower-case words, a part such as `train` as the last of them."""
    words = re.findall(r"[a-z0-9]+", Path(file_name).stem.lower())
    return "_".join(sorted(words, key=lambda word: word in PARTS))


def _part(name: str) -> str:
    last = name.rpartition("_")[2]
    return last if last in PARTS else ""


def _word(name: str) -> str:
    return name.removesuffix(_part(name)).rstrip("_").rpartition("_")[2]
