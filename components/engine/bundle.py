"""Everything that an exported script needs, in one archive."""

from __future__ import annotations

import io
import zipfile

from components.recipe import Recipe
from components.store import Store


def bundle(store: Store, recipe: Recipe, script: str) -> bytes:
    """A ZIP with the script, the recipe, the members' clean files and the data file under the names the script reads them by.

    An example brings no data file: the script loads it from scikit-learn.
    """
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as files:
        files.writestr("fuse.py", script)
        files.writestr("recipe.json", recipe.model_dump_json(indent=2))
        for member in recipe.members:
            files.write(store.canonical(member.sha256), f"{member.name}.keras")
        if recipe.data is not None and not recipe.data.sha256.startswith("example:"):
            files.write(store.blob(recipe.data.sha256), recipe.data.file_name)
    return archive.getvalue()
