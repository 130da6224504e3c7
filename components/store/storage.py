"""What lies in the home folder, how much room it takes, and what of it nothing needs any more."""

from __future__ import annotations

import os
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from components.recipe import Document
from components.store.store import Store

SETTLED_SECONDS = 3600
"""A file this young may be on its way to become a member or dataset, and is left alone."""


class Room(Document):
    """How many bytes of the home folder are taken by what; together they are all of it.

    `kept` are files of members and datasets that were removed and are kept for the sake of runs; `unused` is what nothing
    needs; `other` the database, logs and passing files.
    """

    members: int = 0
    datasets: int = 0
    runs: int = 0
    kept: int = 0
    unused: int = 0
    other: int = 0


def room(store: Store) -> Room:
    """How much room everything takes. What was opened where it lies, by a link, takes none."""
    taken: Counter[str] = Counter()
    members = {card.sha256 for card in store.members()}
    datasets = {card.sha256 for card in store.datasets()}
    unused = set(_unused(store))
    for path in _files(store.home):
        sha256 = path.name[:64]
        if any(path == each or each in path.parents for each in unused):
            kind = "unused"
        elif store.home / "runs" in path.parents:
            kind = "runs"
        elif store.blobs not in path.parents and store.members_folder not in path.parents:
            kind = "other"
        else:
            kind = "members" if sha256 in members else "datasets" if sha256 in datasets else "kept"
        taken[kind] += path.lstat().st_size
    return Room(**taken)


def remove_unused(store: Store) -> None:
    """Removes what nothing needs: uploads of which nothing came, and folders of runs that are gone."""
    for path in _unused(store):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _unused(store: Store) -> Iterator[Path]:
    """Files and folders that no card, no run and nobody at work needs."""
    runs = store.run_ids()
    needed: dict[str, bool] = {}
    for path in (*store.blobs.glob("incoming-*"), *store.blobs.glob("*/*"), *store.members_folder.iterdir()):
        sha256 = path.name[:64]
        if sha256 not in needed:
            needed[sha256] = store.names(sha256)
        if not needed[sha256] and _settled(path):
            yield path
    for path in (store.home / "runs").glob("*"):
        if path.name not in runs and _settled(path):
            yield path


def _settled(path: Path) -> bool:
    return time.time() - path.lstat().st_mtime > SETTLED_SECONDS


def _files(folder: Path) -> Iterator[Path]:
    for parent, _, names in os.walk(folder):
        yield from (path for name in names if (path := Path(parent, name)).is_symlink() or path.is_file())
