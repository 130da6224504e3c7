"""The store: one object for everything that lasts, shared by the pages and the engine."""

from __future__ import annotations

import shutil
from pathlib import Path

from components.store.cards import Cards
from components.store.database import connect
from components.store.files import Files
from components.store.home import home_folder, store_url
from components.store.runs import Runs


class Store(Files, Cards, Runs):
    """Files in the home folder, all else in the database. Safe for several processes and for many threads."""

    def __init__(self, home: Path, url: str) -> None:
        super().__init__(home)
        self.url = url
        self._engine = connect(home, url)

    def run_folder(self, id: str) -> Path:
        """The folder `runs/<id>/` of what a run leaves; created."""
        folder = self.home / "runs" / self.run(id).id
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder

    def remove(self, sha256: str) -> None:
        """Removes a member or dataset; its files stay while a run's recipe names them."""
        if self.forget(sha256) and not sha256.startswith("example:"):
            self.blob(sha256).unlink(missing_ok=True)
            self.canonical(sha256).unlink(missing_ok=True)

    def discard(self, sha256: str) -> None:
        """Removes the uploaded bytes of which nothing came; they stay where a card or a run's recipe names them."""
        if not self.names(sha256):
            self.blob(sha256).unlink(missing_ok=True)

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
