"""What a recipe names, loaded: members and samples, a few kept at hand between requests."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import keras

from components.data.columns import Columns
from components.data.examples import PREFIX
from components.data.load import load_columns, load_samples
from components.data.new_samples import Reference
from components.data.on_disk import MOST_IN_MEMORY
from components.data.samples import Samples
from components.data.split import Indices, Splits, split
from components.models.load import load_canonical
from components.recipe import Data, Member, Recipe, Refusal
from components.store.files import Files
from components.store.opened import check_unchanged

MEMBERS_KEPT, SAMPLES_KEPT = 8, 2


class Loader:
    """Loads members and samples of one home folder. What it hands out is shared: nobody may change it.

    Datasets of more than `in_memory` bytes stay on disk.
    """

    def __init__(self, files: Files, in_memory: int = MOST_IN_MEMORY) -> None:
        self._files, self.in_memory = files, in_memory
        self._member = lru_cache(MEMBERS_KEPT)(self._load_member)
        self._samples = lru_cache(SAMPLES_KEPT)(self._load_samples)

    def models(self, recipe: Recipe) -> dict[str, keras.Model]:
        """The members' models by the members' names.

        Raises:
            Refusal: when a member's file is not here any more.
        """
        return {member.name: self.member(member) for member in recipe.members}

    def member(self, member: Member) -> keras.Model:
        """One member's model.

        Raises:
            Refusal: when its file is not here any more.
        """
        return self._member(member.sha256, member.file_name)

    def samples(self, recipe: Recipe) -> tuple[Samples, Splits]:
        """The bound dataset and its splits.

        Raises:
            Refusal: when there is none, or it cannot be read.
        """
        if recipe.data is None:
            raise Refusal("No dataset is chosen yet. Choose one on the Data page.")
        return self._samples(recipe.data.model_dump_json())

    def reference(self, recipe: Recipe) -> Reference:
        """What a recipe's own dataset says to those that prepare new samples; it is loaded when they ask.

        Raises:
            Refusal: when there is none, or it cannot be read.
        """
        data = recipe.data
        if data is None:
            raise Refusal("The recipe has no data, so it does not say what its model takes. Choose a recipe with data.")

        def load() -> tuple[Columns, Indices]:
            samples, splits = self.samples(recipe)
            return load_columns(data, self.path(data), self.in_memory), samples.rows[splits.training]

        return load

    def path(self, data: Data) -> Path | None:
        """The stored file of a dataset; None for an example.

        Raises:
            Refusal: when it names no stored file, or one that was opened where it lies and has changed since.
        """
        if data.sha256.startswith(PREFIX):
            return None
        path = self._files.blob(data.sha256)
        check_unchanged(path, data.file_name)
        return path

    def _load_member(self, sha256: str, file_name: str) -> keras.Model:
        path = self._files.canonical(sha256)
        if not path.exists():
            raise Refusal(f"The file of the member {file_name[:60]!r} is not here any more. Upload it again.", sha256)
        return load_canonical(path)

    def _load_samples(self, text: str) -> tuple[Samples, Splits]:
        data = Data.model_validate_json(text)
        samples = load_samples(data, self.path(data), self.in_memory)
        return samples, split(samples, data.split)
