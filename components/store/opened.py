"""Files and folders that are opened where they lie: a link stands for them among the uploads, and what they were is noted."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from components.recipe import Document, Refusal
from components.recipe.wording import shown

CHUNK = 1 << 20


class Opened(Document):
    """What was opened: where it lies, what it looked like then without being read, and the checksum of its content."""

    path: str
    stamp: str
    sha256: str


def stamp(path: Path) -> str:
    """What changes when a file or folder changes, from names, sizes and times alone."""
    digest = hashlib.sha256()
    for each in _files(path):
        status = each.stat()
        digest.update(f"{each.relative_to(path)}\0{status.st_size}\0{status.st_mtime_ns}\0".encode(errors="surrogateescape"))
    return digest.hexdigest()


def checksum(path: Path) -> str:
    """The SHA-256 of a file's content, or of the names and contents of all files below a folder; read in chunks."""
    digest = hashlib.sha256()
    for each in _files(path):
        if each != path:
            name = os.fsencode(each.relative_to(path))
            digest.update(b"%d\0%b%d\0" % (len(name), name, each.stat().st_size))
        with each.open("rb") as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
    return digest.hexdigest()


def remembered(folder: Path, path: Path) -> Opened:
    """The checksum of a file or folder; it is read again only when it looks different from the last time.

    Args:
        folder: Where notes are kept.
        path: What is opened, with no link in it.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    note = folder / f"{hashlib.sha256(os.fsencode(path)).hexdigest()}.json"
    looks = stamp(path)
    with contextlib.suppress(OSError, ValueError):
        known = Opened.model_validate_json(note.read_bytes())
        if known.stamp == looks:
            return known
    found = Opened(path=str(path), stamp=looks, sha256=checksum(path))
    _write(note, found)
    return found


def link(blob: Path, opened: Opened) -> None:
    """Lets a stored file's place stand for what was opened; bytes that were uploaded before stay."""
    if blob.exists() and not blob.is_symlink():
        return
    blob.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    blob.unlink(missing_ok=True)
    _write(_note(blob), opened)
    blob.symlink_to(opened.path)


def check_unchanged(blob: Path, file_name: str) -> None:
    """Refuses what is no longer as it was opened; uploads never change.

    Raises:
        Refusal: when it has gone, has changed, or leads to another place.
    """
    if not blob.is_symlink():
        return
    with contextlib.suppress(OSError, ValueError):
        known = Opened.model_validate_json(_note(blob).read_bytes())
        if str(blob.resolve(strict=True)) == known.path and stamp(Path(known.path)) == known.stamp:
            return
    raise Refusal(
        f"{shown(file_name)} is not there as it was opened: it has changed, moved or gone. Open it again on the Data page."
    )


def _files(path: Path) -> Iterator[Path]:
    """The file itself, or all files below a folder that are no links, in the order of their names."""
    if not path.is_dir():
        yield path
        return
    for folder, folders, files in os.walk(path):
        folders[:] = sorted(name for name in folders if not Path(folder, name).is_symlink())
        for name in sorted(files):
            each = Path(folder, name)
            if each.is_file() and not each.is_symlink():
                yield each


def _note(blob: Path) -> Path:
    return blob.with_name(f"{blob.name}.opened")


def _write(path: Path, opened: Opened) -> None:
    # Two sessions may note the same file at once, so each writes under a name of its own.
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        part = Path(folder, path.name)
        part.write_text(opened.model_dump_json(), encoding="utf-8")
        os.replace(part, path)
