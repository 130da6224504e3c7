"""Everything that an exported script needs, in one archive."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import IO

from components.data.picture_source import PictureFolder
from components.recipe import Recipe, Refusal
from components.recipe.wording import shown
from components.store import Store
from components.store.opened import check_unchanged


def bundle(store: Store, recipe: Recipe, script: str, target: IO[bytes]) -> None:
    """Writes a ZIP with the script, the recipe, the members' clean files and the data file under the names the script reads.

    An example brings no data file: the script loads it from scikit-learn. A folder of pictures that was opened where it lies
    becomes a ZIP of them, which the script reads in its stead.

    Raises:
        Refusal: when a file is not here any more, or the disk does not take the archive.
    """
    try:
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as files:
            files.writestr("fuse.py", script)
            files.writestr("recipe.json", recipe.model_dump_json(indent=2))
            for member in recipe.members:
                # A Keras file is a ZIP of weights, which take long to compress and hardly grow smaller.
                files.write(store.canonical(member.sha256), f"{member.name}.keras", zipfile.ZIP_STORED)
            if recipe.data is not None and not recipe.data.sha256.startswith("example:"):
                data = store.blob(recipe.data.sha256)
                check_unchanged(data, recipe.data.file_name)
                if data.is_dir():
                    with files.open(recipe.data.file_name, "w", force_zip64=True) as entry:
                        _zip_pictures(data, entry)
                else:
                    files.write(data, recipe.data.file_name)
    except OSError as error:
        raise Refusal(
            "The archive could not be written. A file that it needs is not here any more, or the disk is full: "
            "upload the files again, or make room.",
            shown(error, 300),
        ) from error


def _zip_pictures(folder: Path, target: IO[bytes]) -> None:
    """Pictures are compressed already, so they are only put together, in the order in which the folder is read."""
    source = PictureFolder(folder)
    with zipfile.ZipFile(target, "w") as pictures:
        for entry in source.infolist():
            if not entry.is_dir():
                pictures.writestr(entry.filename, source.read(entry.filename))
