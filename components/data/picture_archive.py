"""Zip archives of pictures in class folders, decoded by Pillow within limits; nothing is ever unpacked to a file."""

from __future__ import annotations

import re
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
from components.data.frames import column_names
from components.data.on_disk import MOST_IN_MEMORY
from components.data.picture_values import PARTS, class_folders, is_picture, is_system_file, picture_values
from components.data.unpacking import Unpacker
from components.data.wording import listed
from components.recipe import PictureReading, Refusal
from components.recipe.wording import shown

KINDS = ("PNG", "JPEG", "BMP", "GIF", "WEBP")
MAX_PICTURES, MAX_FILE, MAX_UNPACKED = 100_000, 64 << 20, 8 << 30
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
    """Reads the pictures of a zip archive: `picture`, uint8 of shape (n, height, width, 1 or 3), and their folders as `class`.

    Without a `reading`, all are brought to the size that most have, at most 256 pixels a side, and are grey where all pixels
    are. What is no readable picture is left out, and a note says so. None where they take more than `in_memory` bytes.

    Raises:
        Refusal: when an entry leads outside, a picture is too large, or there are not two folders with pictures in them.
    """
    notes: list[str] = []
    with _opened(path, file_name) as archive:
        survey = _survey(archive, file_name, reading, notes)
        if prod(survey.shape) > in_memory:
            return None
        pictures = np.empty(survey.shape, dtype=np.uint8)
        found, grey = _decode(archive, file_name, survey, pictures)
    pictures = pictures[: len(found)]
    if reading is None and grey:
        pictures = pictures[..., :1].copy()
    classes = _classes(survey, found, notes)
    return Columns({"picture": pictures, "class": classes}, tuple(notes), reading=_reading(pictures.shape))


def unpack_pictures(path: Path, file_name: str, reading: PictureReading | None, unpacker: Unpacker) -> None:
    """Writes down the pictures of a zip archive as `read_pictures` gives them.

    Raises:
        Refusal: as `read_pictures`.
    """
    notes: list[str] = []
    with _opened(path, file_name) as archive, tempfile.TemporaryFile(dir=unpacker.folder) as file:
        survey = _survey(archive, file_name, reading, notes)
        unpacker.check_room(2 * prod(survey.shape))
        # Only when all are decoded it is known how many could be, and whether all are grey.
        decoded = np.memmap(file, np.uint8, "w+", shape=survey.shape)
        found, grey = _decode(archive, file_name, survey, decoded)
        channels = 1 if reading is None and grey else survey.shape[-1]
        shape = (len(found), *survey.size, channels)
        step = max(1, BLOCK // prod(survey.shape[1:]))
        with unpacker.array("picture", shape, decoded.dtype) as write:
            for begin in range(0, len(found), step):
                write(decoded[begin : min(begin + step, len(found)), ..., :channels])
    unpacker.whole("class", _classes(survey, found, notes))
    unpacker.close(notes, _reading(shape))


@contextmanager
def _opened(path: Path, file_name: str) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive, _strict_pillow():
            yield archive
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise Refusal(
            f"{shown(file_name)} is damaged or locked by a password; zip the folders again.", detail=shown(error, 300)
        ) from error


def _survey(archive: zipfile.ZipFile, file_name: str, reading: PictureReading | None, notes: list[str]) -> Survey:
    classes = _labelled(archive, file_name, notes)
    sizes = _each(archive, classes, file_name, _size)
    _check_classes(classes, sizes, file_name)
    _check_amount(sizes, file_name)
    size = (reading.height, reading.width) if reading else _common_size(Counter(sizes.values()), notes)
    return Survey(classes, tuple(sizes), size, reading is None or reading.channels == "colour")


def _decode(archive: zipfile.ZipFile, file_name: str, survey: Survey, pictures: Array) -> tuple[list[str], bool]:
    """Fills `pictures` with those that can be decoded; returns which, and whether all of them are grey."""
    grey: list[bool] = []

    def keep(image: Image.Image) -> None:
        values = picture_values(image, *survey.size, survey.colour)
        pictures[len(grey)] = values
        grey.append(bool((values == values[..., :1]).all()))

    found = list(_each(archive, survey.pictures, file_name, keep))
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


def _labelled(archive: zipfile.ZipFile, file_name: str, notes: list[str]) -> dict[str, str]:
    """The class of each picture by the name of its entry, once all entries are within their limits."""
    entries = [entry for entry in archive.infolist() if not is_system_file(entry.filename)]
    outside = [entry.filename for entry in entries if _leads_outside(entry.filename)]
    if outside:
        raise Refusal(f"{shown(file_name)} names files outside of itself; zip the folders again.", detail=listed(outside))
    pictures = {entry.filename: entry for entry in entries if is_picture(entry.filename)}
    large = [name for name, entry in pictures.items() if entry.file_size > MAX_FILE]
    if large or sum(entry.file_size for entry in pictures.values()) > MAX_UNPACKED or len(pictures) > MAX_PICTURES:
        raise Refusal(
            f"{shown(file_name)} holds too many or too large pictures ({len(pictures):,}); up to {MAX_PICTURES:,} "
            f"files of {MAX_FILE >> 20} MiB, {MAX_UNPACKED >> 30} GiB together, can be read.",
            detail=listed(large),
        )
    classes = class_folders(pictures)
    other = [entry.filename for entry in entries if not entry.is_dir() and entry.filename not in classes]
    if not classes:
        advice = "Zip a folder for each class with its pictures (PNG, JPEG, BMP, GIF, WebP) in it; save arrays as NPZ."
        if "config.json" in archive.namelist():
            advice = "It looks like a model: open it on the Models page."
        found = "whose pictures lie in no class folders" if pictures else "without pictures"
        raise Refusal(f"{shown(file_name)} is a zip archive {found}. {advice}", detail=listed(other))
    if other:
        notes.append(f"{len(other):,} files are no pictures in a class folder and were left out: {listed(other)}.")
    empty = _empty_folders(entries, classes)
    if empty:
        notes.append(f"No pictures lie in the folder {listed(empty)}; it is no class.")
    if any(folder in PARTS for each in classes for folder in each.lower().split("/")[:-1]):
        notes.append("Folders for training and test were joined; the split is made here.")
    return classes


def _leads_outside(name: str) -> bool:
    parts = re.split(r"[/\\]", name)
    return ".." in parts or not parts[0] or parts[0].endswith(":")


def _empty_folders(entries: Sequence[zipfile.ZipInfo], classes: dict[str, str]) -> list[str]:
    """The folders beside those of the classes that are no class, since no picture lies in them."""
    beside = {tuple(each.split("/")[: each.split("/").index(name)]) for each, name in classes.items() if "/" in each}
    folders = [tuple(entry.filename.rstrip("/").split("/")) for entry in entries if entry.is_dir()]
    return [folder[-1] for folder in folders if folder[:-1] in beside and folder[-1] not in classes.values()]


@contextmanager
def _strict_pillow() -> Iterator[None]:
    """Pillow's doubts about a picture's size become errors; all others are of no interest."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        yield


def _each(archive: zipfile.ZipFile, names: Iterable[str], file_name: str, read: Callable[[Image.Image], Any]) -> dict[str, Any]:
    """What `read` makes of each picture, by its entry's name; those that cannot be read are left out."""
    found = {}
    for name in names:
        try:
            with Image.open(BytesIO(archive.read(name)), formats=KINDS) as image:
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
