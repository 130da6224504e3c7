"""The store: one object for everything that lasts, shared by the pages and the engine."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import IO

from components.store.blobs import Blobs, check_sha256
from components.store.cards import Cards
from components.store.database import connect
from components.store.home import home_folder, store_url
from components.store.runs import Runs
from components.store.values import Upload


class Store(Cards, Runs):
    """Files in the home folder, all else in the database. Safe for several processes and for many threads.

    Folders: `blobs/` the uploaded bytes, `members/` the clean models made of them, `runs/<id>/` what a run leaves,
    `engine/` what the processes share.
    """

    def __init__(self, home: Path, url: str) -> None:
        self.home, self.url = home, url
        self._blobs = Blobs(home / "blobs")
        self._members = home / "members"
        self._members.mkdir(mode=0o700, exist_ok=True)
        self._engine = connect(home, url)

    def save_upload(self, stream: IO[bytes], file_name: str) -> Upload:
        """Copies an upload to its place by content, in chunks; equal bytes are kept once.

        Raises:
            Refusal: when the disk takes no more.
        """
        return self._blobs.save(stream, file_name)

    def blob(self, sha256: str) -> Path:
        """Where the uploaded bytes of this checksum lie.

        Raises:
            Refusal: when the text is no checksum.
        """
        return self._blobs.path(sha256)

    def canonical(self, sha256: str) -> Path:
        """Where the clean `.keras` file of a member lies, or is to lie, by the checksum of its upload.

        Raises:
            Refusal: when the text is no checksum.
        """
        return self._members / f"{check_sha256(sha256)}.keras"

    def run_folder(self, id: str) -> Path:
        """The folder of what a run leaves; created."""
        folder = self.home / "runs" / self.run(id).id
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder

    def remove(self, sha256: str) -> None:
        """Removes a member or dataset; its files stay while a run's recipe names them."""
        if self.forget(sha256) and not sha256.startswith("example:"):
            self.blob(sha256).unlink(missing_ok=True)
            self.canonical(sha256).unlink(missing_ok=True)

    def remove_run(self, id: str) -> bool:
        """Removes a run that has ended, with its curves and files; False when it has not."""
        removed = super().remove_run(id)
        if removed:
            shutil.rmtree(self.home / "runs" / id, ignore_errors=True)
        return removed

    def close(self) -> None:
        """Gives the database's connections back."""
        self._engine.dispose()


def open_store() -> Store:
    """The store that the environment names."""
    home = home_folder()
    return Store(home, store_url(home))
