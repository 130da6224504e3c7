"""Pictures without classes, whose class is to be predicted: a zip archive of them wherever they lie in it, or a single one."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from components.data.columns import Columns
from components.data.damaged import DAMAGED
from components.data.picture_archive import KINDS, MAX_PIXELS
from components.data.picture_source import MAX_FILE, MAX_PICTURES
from components.data.picture_values import is_picture, picture_values
from components.data.wording import listed
from components.recipe import PictureReading, Refusal
from components.recipe.wording import shown

MAX_BYTES = 1 << 30
"""Of all pictures in the size to which they are brought."""


def read_new_pictures(path: Path, file_name: str, reading: PictureReading) -> Columns:
    """Reads pictures as a recipe reads those it trains on: `picture`, uint8 of shape (n, height, width, 1 or 3), and `file`.

    Raises:
        Refusal: when there is none, one cannot be read, or they are too many or too large.
    """
    size = (reading.height, reading.width, 3 if reading.channels == "colour" else 1)
    names, pictures = [], []
    for name, content in _files(path, file_name, MAX_BYTES // int(np.prod(size))):
        names.append(name)
        pictures.append(_values(name, content, size))
    if not pictures:
        raise Refusal(f"{shown(file_name)} holds no pictures (PNG, JPEG, BMP, GIF, WebP). Choose pictures, or a zip of them.")
    return Columns({"picture": np.stack(pictures), "file": np.array(names, object)}, reading=reading)


def _files(path: Path, file_name: str, most: int) -> Iterator[tuple[str, bytes]]:
    if not zipfile.is_zipfile(path):
        if path.stat().st_size > MAX_FILE:
            raise Refusal(f"{shown(file_name)} is larger than {MAX_FILE >> 20} MiB; make the picture smaller.")
        yield shown(file_name), path.read_bytes()
        return
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [entry for entry in archive.infolist() if is_picture(entry.filename)]
            if len(entries) > min(MAX_PICTURES, most) or any(entry.file_size > MAX_FILE for entry in entries):
                raise Refusal(
                    f"{shown(file_name)} holds too many or too large pictures ({len(entries):,}); up to "
                    f"{min(MAX_PICTURES, most):,} of this size, each of at most {MAX_FILE >> 20} MiB, can be predicted at once."
                )
            for entry in entries:
                yield shown(entry.filename), archive.read(entry)
    except DAMAGED as error:
        raise Refusal(
            f"{shown(file_name)} is damaged or locked by a password; zip the pictures again.", detail=shown(error, 300)
        ) from error


def _values(name: str, content: bytes, size: tuple[int, int, int]) -> np.ndarray:
    height, width, channels = size
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(BytesIO(content), formats=KINDS) as image:
                if image.width * image.height > MAX_PIXELS:
                    raise ValueError(f"{image.width} × {image.height} pixels")
                return picture_values(image, height, width, channels == 3)
    except Exception as error:
        # A damaged picture makes Pillow raise errors of many kinds; each means that it cannot be read.
        raise Refusal(
            f"{listed([name])} is no picture that can be read; take it out or save it again.", detail=shown(error, 300)
        ) from error
