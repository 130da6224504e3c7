"""Where pictures in class folders lie: in a zip archive, or in a folder on disk."""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from components.data.picture_values import PARTS, class_folders, is_picture, is_system_file
from components.data.wording import listed
from components.recipe import Refusal
from components.recipe.wording import shown

MAX_PICTURES, MAX_FILE, MAX_UNPACKED = 100_000, 64 << 20, 8 << 30


class PictureEntry(Protocol):
    """A file or folder."""

    @property
    def filename(self) -> str:
        """Its path, with `/` between."""

    @property
    def file_size(self) -> int:
        """Bytes of a file."""

    def is_dir(self) -> bool:
        """Whether it is a folder."""


class PictureSource(Protocol):
    """What has entries with pictures: an archive of `zipfile`, or `PictureFolder`."""

    def infolist(self) -> Sequence[PictureEntry]:
        """All entries."""

    def namelist(self) -> list[str]:
        """The names of all entries."""

    def read(self, name: str) -> bytes:
        """The bytes of a file."""


@dataclass(frozen=True)
class FolderEntry:
    """A file or folder below a folder."""

    filename: str
    file_size: int
    folder: bool

    def is_dir(self) -> bool:
        """Whether it is a folder."""
        return self.folder


class PictureFolder:
    """A folder with class folders, read as if it were an archive of its own name. Links in it are not followed."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def infolist(self) -> list[FolderEntry]:
        """All files and folders below, in the order of their names; at most one more than can be read."""
        found = []
        for folder, folders, files in os.walk(self._path):
            inside = Path(folder).relative_to(self._path)
            folders[:] = sorted(name for name in folders if not Path(folder, name).is_symlink())
            found += [FolderEntry(f"{(inside / name).as_posix()}/", 0, True) for name in folders]
            for name in sorted(files):
                path = Path(folder, name)
                if path.is_file() and not path.is_symlink():
                    found.append(FolderEntry((inside / name).as_posix(), path.stat().st_size, False))
            if len(found) > 2 * MAX_PICTURES:
                break
        return found

    def namelist(self) -> list[str]:
        """The names of all entries."""
        return [entry.filename for entry in self.infolist()]

    def read(self, name: str) -> bytes:
        """The bytes of a file; none where it has become a link."""
        with open(os.open(self._path / name, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0)), "rb") as file:
            return file.read(MAX_FILE + 1)


@contextmanager
def open_pictures(path: Path) -> Iterator[PictureSource]:
    """The entries of a zip archive, or of a folder.

    Raises:
        zipfile.BadZipFile: when it is neither.
    """
    if path.is_dir():
        yield PictureFolder(path)
        return
    with zipfile.ZipFile(path) as archive:
        yield archive


def labelled(source: PictureSource, file_name: str, notes: list[str]) -> dict[str, str]:
    """The class of each picture by the name of its entry, once all entries are within their limits.

    Raises:
        Refusal: when an entry leads outside, there are too many or too large ones, or none lies in a class folder.
    """
    entries = [entry for entry in source.infolist() if not is_system_file(entry.filename)]
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
        if "config.json" in source.namelist():
            advice = "It looks like a model: open it on the Models page."
        found = "whose pictures lie in no class folders" if pictures else "without pictures"
        what = "a folder" if isinstance(source, PictureFolder) else "a zip archive"
        raise Refusal(f"{shown(file_name)} is {what} {found}. {advice}", detail=listed(other))
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


def _empty_folders(entries: Sequence[PictureEntry], classes: dict[str, str]) -> list[str]:
    """The folders beside those of the classes that are no class, since no picture lies in them."""
    beside = {tuple(each.split("/")[: each.split("/").index(name)]) for each, name in classes.items() if "/" in each}
    folders = [tuple(entry.filename.rstrip("/").split("/")) for entry in entries if entry.is_dir()]
    return [folder[-1] for folder in folders if folder[:-1] in beside and folder[-1] not in classes.values()]
