"""An architecture in one file and its weights in another, as Keras wrote them for years: found, and put into one file.

What somebody brings is told by its first bytes; nothing of it is parsed here. The file of both is a zip archive that is equal
for equal parts, so that the same two files are one member under any names.
"""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from components.models.recognise import HEAD, Kind, recognise_head
from components.recipe import Refusal
from components.store.files import CHUNK

File = tuple[IO[bytes], str]
"""An open file that can be read again from its start, and its name."""

_COUNTERPART: dict[Kind | None, Kind] = {"json": "hdf5", "hdf5": "json"}


def kind_of(stream: IO[bytes]) -> Kind | None:
    """Whether a file is a zip archive, an HDF5 file or a JSON text; None for anything else."""
    stream.seek(0)
    try:
        return recognise_head(stream.read(HEAD))
    except Refusal:
        return None
    finally:
        stream.seek(0)


def stem(file_name: str) -> str:
    """A file's name without what tells architecture and weights apart: `model` for `model.json` and `model.weights.h5`."""
    name = Path(file_name).stem.lower()
    for end in ("weights", "architecture"):
        name = name.removesuffix(end).rstrip("._-")
    return name


def counterpart(file: File, beside: Sequence[File]) -> File | None:
    """Among the files brought with this one, the weights of an architecture or the architecture of weights.

    That is the one of the same stem, or the only one there is.
    """
    wanted = _COUNTERPART.get(kind_of(file[0]))
    found = [other for other in beside if wanted and kind_of(other[0]) == wanted]
    alike = [other for other in found if stem(other[1]) == stem(file[1])]
    return next(iter(alike or (found if len(found) == 1 else [])), None)


@contextmanager
def together(architecture: IO[bytes], weights: IO[bytes]) -> Iterator[IO[bytes]]:
    """One file of both parts, for as long as the context lasts."""
    with tempfile.TemporaryFile() as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            for name, part in (("architecture.json", architecture), ("architecture.weights.h5", weights)):
                part.seek(0)
                # Without a date of its own, the entry bears the first that a zip archive knows.
                with archive.open(zipfile.ZipInfo(name), "w", force_zip64=True) as entry:
                    while chunk := part.read(CHUNK):
                        entry.write(chunk)
        file.seek(0)
        yield file
