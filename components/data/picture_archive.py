"""Pictures in class folders, in a zip archive or on disk, decoded by Pillow within limits."""

from __future__ import annotations

import tempfile
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from components.data.array_facts import BLOCK
from components.data.columns import Array, Columns
from components.data.damaged import DAMAGED
from components.data.frames import column_names
from components.data.on_disk import MOST_IN_MEMORY
from components.data.picture_source import PictureSource, labelled, open_pictures
from components.data.picture_values import picture_values
from components.data.unpacking import Unpacker
from components.data.wording import listed
from components.recipe import PictureReading, Refusal
from components.recipe.wording import shown

KINDS = ("PNG", "JPEG", "BMP", "GIF", "WEBP")
MAX_PIXELS, MAX_ALL_PIXELS = 64_000_000, 40_000_000_000
"""Pixels of one picture, and of all together: what can be decoded in half an hour."""
LONGEST_SIDE = 256
"""To which larger pictures are reduced, unless a person chooses otherwise."""

Size = tuple[int, int]
"""Height and width."""


@dataclass(frozen=True)
class Survey:
    """What is known of an archive of pictures before they are decoded: the class of each entry, which of them are pictures,
    and the size to which they are brought."""

    classes: dict[str, str]
    pictures: tuple[str, ...]
    size: Size
    colour: bool

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """That of the array of all pictures."""
        return (len(self.pictures), *self.size, 3 if self.colour else 1)


def read_pictures(
    path: Path, file_name: str, reading: PictureReading | None = None, in_memory: int = MOST_IN_MEMORY
) -> Columns | None:
    """Reads the pictures of a zip archive or a folder: `picture`, uint8 of shape (n, height, width, 1 or 3), and their folders
    as `class`.

    Without a `reading`, all are brought to the size that most have, at most 256 pixels a side, and are grey where all pixels
    are. What is no readable picture is left out, and a note says so. None where they take more than `in_memory` bytes.

    Raises:
        Refusal: when an entry leads outside, a picture is too large, or there are not two folders with pictures in them.
    """
    notes: list[str] = []
    with _opened(path, file_name) as source:
        survey = _survey(source, file_name, reading, notes)
        if prod(survey.shape) > in_memory:
            return None
        pictures = np.empty(survey.shape, dtype=np.uint8)
        found, grey = _decode(source, file_name, survey, pictures)
    pictures = pictures[: len(found)]
    if reading is None and grey:
        pictures = pictures[..., :1].copy()
    classes = _classes(survey, found, notes)
    return Columns({"picture": pictures, "class": classes}, tuple(notes), reading=_reading(pictures.shape))


def unpack_pictures(path: Path, file_name: str, reading: PictureReading | None, unpacker: Unpacker) -> None:
    """Writes down the pictures of a zip archive or of a folder as `read_pictures` gives them.

    Raises:
        Refusal: as `read_pictures`.
    """
    notes: list[str] = []
    with _opened(path, file_name) as source, tempfile.TemporaryFile(dir=unpacker.folder) as file:
        survey = _survey(source, file_name, reading, notes)
        unpacker.check_room(2 * prod(survey.shape))
        # Only when all are decoded it is known how many could be, and whether all are grey.
        decoded = np.memmap(file, np.uint8, "w+", shape=survey.shape)
        found, grey = _decode(source, file_name, survey, decoded)
        channels = 1 if reading is None and grey else survey.shape[-1]
        shape = (len(found), *survey.size, channels)
        step = max(1, BLOCK // prod(survey.shape[1:]))
        with unpacker.array("picture", shape, decoded.dtype) as write:
            for begin in range(0, len(found), step):
                write(decoded[begin : min(begin + step, len(found)), ..., :channels])
    unpacker.whole("class", _classes(survey, found, notes))
    unpacker.close(notes, _reading(shape))


@contextmanager
def _opened(path: Path, file_name: str) -> Iterator[PictureSource]:
    try:
        with open_pictures(path) as source, _strict_pillow():
            yield source
    except DAMAGED as error:
        raise Refusal(
            f"{shown(file_name)} is damaged or locked by a password; zip the folders again.", detail=shown(error, 300)
        ) from error


def _survey(source: PictureSource, file_name: str, reading: PictureReading | None, notes: list[str]) -> Survey:
    classes = labelled(source, file_name, notes)
    sizes = _each(source, classes, file_name, _size)
    _check_classes(classes, sizes, file_name)
    _check_amount(sizes, file_name)
    size = (reading.height, reading.width) if reading else _common_size(Counter(sizes.values()), notes)
    return Survey(classes, tuple(sizes), size, reading is None or reading.channels == "colour")


def _decode(source: PictureSource, file_name: str, survey: Survey, pictures: Array) -> tuple[list[str], bool]:
    """Fills `pictures` with those that can be decoded; returns which, and whether all of them are grey."""
    grey: list[bool] = []

    def keep(image: Image.Image) -> None:
        values = picture_values(image, *survey.size, survey.colour)
        pictures[len(grey)] = values
        grey.append(bool((values == values[..., :1]).all()))

    found = list(_each(source, survey.pictures, file_name, keep))
    _check_classes(survey.classes, found, file_name)
    return found, all(grey)


def _classes(survey: Survey, found: Sequence[str], notes: list[str]) -> Array:
    """The class of each picture that was decoded; what could not be is told."""
    unread = sorted(survey.classes.keys() - set(found))
    if unread:
        notes.append(f"{len(unread):,} files are no pictures that can be read and were left out: {listed(unread)}.")
    folders = sorted({survey.classes[each] for each in found})
    names = dict(zip(folders, column_names(folders), strict=True))
    return np.array([names[survey.classes[each]] for each in found], object)


def _reading(shape: tuple[int, ...]) -> PictureReading:
    return PictureReading(height=shape[1], width=shape[2], channels="grey" if shape[3] == 1 else "colour")


@contextmanager
def _strict_pillow() -> Iterator[None]:
    """Pillow's doubts about a picture's size become errors; all others are of no interest."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        yield


def _each(source: PictureSource, names: Iterable[str], file_name: str, read: Callable[[Image.Image], Any]) -> dict[str, Any]:
    """What `read` makes of each picture, by its entry's name; those that cannot be read are left out."""
    found = {}
    for name in names:
        try:
            with Image.open(BytesIO(source.read(name)), formats=KINDS) as image:
                if image.width * image.height > MAX_PIXELS:
                    raise Image.DecompressionBombError(f"{image.width} × {image.height} pixels")
                found[name] = read(image)
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise Refusal(
                f"The picture “{shown(name)}” of {shown(file_name)} is too large; up to {MAX_PIXELS // 10**6} million pixels "
                "can be read. Make it smaller or take it out.",
                detail=shown(error, 300),
            ) from error
        except (MemoryError, zipfile.BadZipFile, NotImplementedError, RuntimeError):
            raise
        except Exception:
            # A damaged picture makes Pillow raise errors of many kinds; each means that it cannot be read.
            continue
    return found


def _size(image: Image.Image) -> Size:
    """A picture's height and width as it is seen: cameras store some lying on their side."""
    lies = image.getexif().get(0x0112, 1) >= 5
    return (image.width, image.height) if lies else (image.height, image.width)


def _common_size(sizes: Counter[Size], notes: list[str]) -> Size:
    """The size that most pictures have, the larger one in a tie, reduced where it is large."""
    (height, width), most = max(sizes.items(), key=lambda item: (item[1], item[0]))
    scale = min(1, LONGEST_SIDE / max(height, width))
    size = max(1, int(height * scale)), max(1, int(width * scale))
    if len(sizes) > 1 or size != (height, width):
        told = (
            f"{most:,} of {sizes.total():,} pictures have {height} × {width} pixels"
            if len(sizes) > 1
            else "The pictures are large"
        )
        notes.append(f"{told}; all were brought to {size[0]} × {size[1]}.")
    return size


def _check_classes(classes: dict[str, str], readable: Iterable[str], file_name: str) -> None:
    if len({classes[each] for each in readable}) < 2:
        raise Refusal(
            f"{shown(file_name)} has readable pictures in less than two class folders; at least two, each named like its "
            "class, were expected.",
            detail=listed(classes),
        )


def _check_amount(sizes: dict[str, Size], file_name: str) -> None:
    pixels = sum(height * width for height, width in sizes.values())
    if pixels > MAX_ALL_PIXELS:
        raise Refusal(
            f"The pictures of {shown(file_name)} have {pixels / 1e9:.1f} billion pixels; up to "
            f"{MAX_ALL_PIXELS / 1e9:.0f} billion can be read. Make them smaller first."
        )
