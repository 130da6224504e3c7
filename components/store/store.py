"""The store: one object for everything that lasts, shared by the pages and the engine."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from components.recipe import Recipe, Refusal
from components.store.cards import Cards
from components.store.comparisons import Comparisons
from components.store.curves import Curves
from components.store.database import connect
from components.store.files import Files
from components.store.home import home_folder, home_id, store_url
from components.store.run_list import RunList
from components.store.runs import Runs
from components.store.searches import Searches
from components.store.values import ENDED


class Store(Files, Cards, Runs, RunList, Curves, Comparisons, Searches):
    """Files in the home folder, all else in the database. Safe for several processes and for many threads."""

    def __init__(self, home: Path, url: str) -> None:
        super().__init__(home)
        self.url = url
        self.home_id = home_id(home)
        self._engine = connect(home, url)

    def run_folder(self, id: str) -> Path:
        """The folder `runs/<id>/` of what a run leaves; created."""
        folder = self.home / "runs" / self.run(id).id
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder

    def remove(self, sha256: str) -> None:
        """Removes a member or dataset; its files stay while a run's recipe names them."""
        if self.forget(sha256) and not sha256.startswith("example:"):
            self._unlink(sha256)

    def discard(self, sha256: str) -> None:
        """Removes a file that nothing needs; it stays where a card or a run's recipe names it."""
        if not self.names(sha256):
            self._unlink(sha256)

    def remove_run(self, id: str) -> bool:
        """Removes a run that has ended, with its curves and files; False when it has not.

        With it go the files that its recipe alone still named, such as those of members that were removed before.
        """
        recipe = self.run(id).recipe
        removed = super().remove_run(id)
        if removed:
            shutil.rmtree(self.home / "runs" / id, ignore_errors=True)
            for sha256 in files_of(recipe):
                self.discard(sha256)
        return removed

    def remove_runs(self, ids: Iterable[str]) -> None:
        """Removes several runs, or none of them.

        Raises:
            Refusal: when one of them has not ended yet.
        """
        runs = [self.run(id) for id in ids]
        if going := [run for run in runs if run.state not in ENDED]:
            names = ", ".join(f"{run.name} ({run.state})" for run in going)
            raise Refusal(f"What has not ended cannot be deleted: {names:.200}. Cancel it first, or wait until it is done.")
        for run in runs:
            self.remove_run(run.id)

    def _unlink(self, sha256: str) -> None:
        blob = self.blob(sha256)
        # With the upload go the forms in which it was unpacked, which lie beside it under longer names.
        for path in (blob, *blob.parent.glob(f"{sha256}.*")):
            path.unlink(missing_ok=True)
        self.canonical(sha256).unlink(missing_ok=True)

    def close(self) -> None:
        """Gives the database's connections back."""
        self._engine.dispose()


def files_of(recipe: Recipe) -> set[str]:
    """The checksums of the files that a recipe names; an example is none."""
    data = {recipe.data.sha256} if recipe.data and not recipe.data.sha256.startswith("example:") else set()
    return data | {member.sha256 for member in recipe.members}


def open_store() -> Store:
    """The store that the environment names."""
    home = home_folder()
    return Store(home, store_url(home))
