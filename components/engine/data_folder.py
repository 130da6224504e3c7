"""Datasets opened by their path, without an upload: in the one folder that `tributary.toml` names, and never outside of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Literal

from components.data.binding import propose
from components.data.check import check_rows
from components.data.facts import DatasetFacts
from components.data.picture_values import is_picture, is_system_file
from components.engine.client import Engine
from components.engine.configuration import configuration
from components.engine.datasets import read_dataset
from components.recipe import Document, Refusal
from components.recipe.wording import shown
from components.store.files import plain_name
from components.store.opened import link, remembered
from components.store.store import Store

SUFFIXES = (".csv", ".tsv", ".txt", ".parquet", ".xlsx", ".npz", ".zip")
MOST, DEEPEST, MOST_LOOKED_AT = 200, 4, 20_000
"""Entries that are listed, how deep they are looked for, and how many names are looked at."""


class Found(Document):
    """A dataset in the data folder: its path from there, with `/` between; a folder of class folders has no size."""

    path: str
    kind: Literal["file", "folder"]
    size: int = 0


def data_folder(home: Path) -> Path | None:
    """The folder in which datasets can be opened by their path; None where nobody allowed one."""
    return configuration(home).data_folder


def datasets_in(folder: Path) -> tuple[Found, ...]:
    """What looks like a dataset in the data folder, by its names alone, at most 200. Links are left out, as are names that
    cannot be shown."""
    found: list[Found] = []
    for path in _walk(folder):
        inside = path.relative_to(folder).as_posix()
        if path.is_dir():
            found.append(Found(path=inside, kind="folder"))
        elif path.suffix.lower() in SUFFIXES:
            found.append(Found(path=inside, kind="file", size=path.stat().st_size))
        if len(found) == MOST:
            break
    return tuple(sorted(found, key=lambda each: each.path))


def inside(folder: Path, path: str) -> Path:
    """The file or folder of this path from the data folder.

    Raises:
        Refusal: when it leads out of it, by `..` or by a link, or is not there.
    """
    parts = PurePosixPath(path.replace(os.sep, "/")).parts
    try:
        found = (folder / path).resolve(strict=True)
        if ".." in parts or not parts or not found.is_relative_to(folder) or found == folder:
            raise Refusal(f"{shown(path)} does not lie in the data folder. Choose a file or folder in it.")
        if not (found.is_file() or found.is_dir()):
            raise Refusal(f"{shown(path)} is neither a file nor a folder. Choose a dataset.")
    except (OSError, ValueError, RuntimeError) as error:
        raise Refusal(f"{shown(path)} is not in the data folder any more. Choose again.", shown(error, 300)) from error
    return found


def take_path(engine: Engine, store: Store, path: str) -> DatasetFacts:
    """Opens a dataset where it lies: it is read once for its checksum, which is remembered, and is not copied.

    Args:
        engine: Reads it in a worker.
        store: Keeps its card.
        path: From the data folder.

    Raises:
        Refusal: when no data folder is allowed, the path leads out of it, or there is no dataset that can be read.
    """
    folder = data_folder(store.home)
    if folder is None:
        raise Refusal("No data folder is allowed. Name one in tributary.toml, and start the app again.")
    opened = remembered(store.home / "opened", inside(folder, path))
    blob = store.blob(opened.sha256)
    link(blob, opened)
    try:
        facts = read_dataset(engine, blob, plain_name(path), opened.sha256)
        check_rows(facts)
        propose(facts)
    except Refusal:
        store.discard(opened.sha256)
        raise
    store.add_dataset(facts)
    return facts


def _walk(folder: Path) -> Iterator[Path]:
    """Files, and folders that hold class folders with pictures; what is below such a folder is part of it."""
    looked_at = 0
    waiting = [(folder, 0)]
    while waiting:
        current, depth = waiting.pop(0)
        folders, pictures = [], False
        try:
            entries = sorted(os.scandir(current), key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in entries:
            looked_at += 1
            if looked_at > MOST_LOOKED_AT:
                return
            if entry.is_symlink() or is_system_file(entry.name) or not entry.name.isprintable():
                continue
            if entry.is_dir():
                folders.append(Path(entry.path))
                pictures = pictures or _has_picture(entry.path)
            elif entry.is_file():
                yield Path(entry.path)
        if pictures and len(folders) > 1 and current != folder:
            yield current
        elif depth < DEEPEST:
            waiting += [(each, depth + 1) for each in folders]


def _has_picture(folder: str) -> bool:
    """Whether one of the first files of a folder is called like a picture."""
    try:
        with os.scandir(folder) as entries:
            return any(is_picture(entry.name) for entry, _ in zip(entries, range(20), strict=False))
    except OSError:
        return False
