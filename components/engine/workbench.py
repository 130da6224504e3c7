"""The engine's work in this process alone, for the command line: sandboxed like a worker, without supervisor and database."""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from components.engine.own_modules import modules_folder, trusted_modules
from components.engine.sandbox import lock_down
from components.engine.surroundings import surroundings
from components.models.facts import MemberFacts
from components.models.trusted import trust
from components.recipe import Recipe, Refusal
from components.store.files import CHUNK, Files, plain_name


@contextmanager
def workbench(home: Path, read: Iterable[Path], write: Iterable[Path]) -> Iterator[Files]:
    """Restricts this process for good to `read`, `write` and a passing folder; gives that folder as a home for files.

    Must be entered before TensorFlow is imported, and imports it.
    """
    scratch = home / "scratch"
    scratch.mkdir(mode=0o700, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=scratch))
    os.environ.update(surroundings(folder))
    tempfile.tempdir = str(folder)
    files = Files(folder)
    modules, modules_at = trusted_modules(home), modules_folder(home)
    lock_down(read=[files.blobs, modules_at, *read], write=[scratch, *write])
    _load_keras()
    trust(modules, modules_at)
    try:
        yield files
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _load_keras() -> None:
    """Imports Keras without TensorFlow's greetings, which no setting keeps from the terminal."""
    before, silence = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 2)
    try:
        import keras  # noqa: F401

        logging.getLogger("tensorflow").setLevel(logging.ERROR)
    finally:
        os.dup2(before, 2)
        os.close(before)
        os.close(silence)


def gather(recipe: Recipe, places: Iterable[Files | Path], files: Files) -> dict[str, MemberFacts]:
    """Brings what a recipe names into `files`: members are opened, and data are copied.

    Args:
        recipe: Names files by checksum.
        places: Where to look: the files of a home, or a folder with files of the recipe's file names.
        files: Takes them.

    Returns:
        What is known of each member, by its name.

    Raises:
        Refusal: when a file is found nowhere, or cannot be opened.
    """
    from components.models.intake import open_member

    places = list(places)
    facts = {}
    for member in recipe.members:
        path = _find(member.sha256, member.file_name, places)
        facts[member.name] = open_member(path, member.file_name, files.canonical(member.sha256))
    if recipe.data is not None and not recipe.data.sha256.startswith("example:"):
        with open(_find(recipe.data.sha256, recipe.data.file_name, places), "rb") as stream:
            files.save_upload(stream, recipe.data.file_name)
    return facts


def _find(sha256: str, file_name: str, places: Iterable[Files | Path]) -> Path:
    for place in places:
        path = place.blob(sha256) if isinstance(place, Files) else place / plain_name(file_name)
        if path.is_file() and _sha256(path) == sha256:
            return path
    raise Refusal(
        f"{plain_name(file_name)[:60]} of this recipe is not here. Put it beside the recipe, unchanged since it was used.",
        f"SHA-256 {sha256[:80]}",
    )


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
