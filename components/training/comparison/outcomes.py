"""What is left of the trainings of a comparison, kept as each ends, so that a comparison that was stopped goes on."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from components.data.columns import Array
from components.recipe import Document, Recipe
from components.training.checkpoint import read_checkpoint, write_checkpoint
from components.training.comparison.report import ComparedPoint, Reliance


class Told(Document):
    """What a training says of itself: its validation curve, its seconds, its best epoch, and what the members did for it."""

    points: tuple[ComparedPoint, ...] = ()
    seconds: float
    best_epoch: int
    note: str = ""
    reliance: tuple[Reliance, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """One training that has come to its end. `predictions` has for each output probabilities or numbers on the test split."""

    told: Told
    predictions: list[Array]


class Outcomes:
    """Outcomes in a folder, a file each. One is found by its whole recipe, so that nothing of another comparison is taken."""

    def __init__(self, folder: Path) -> None:
        """`folder` is made when the first outcome is kept."""
        self._folder = folder

    def find(self, recipe: Recipe) -> Outcome | None:
        """What is left of the training of this recipe; None where it has not come to its end, or cannot be read."""
        try:
            found = read_checkpoint(self._path(recipe))
            return Outcome(Told.model_validate(found.state), found.arrays["predictions"])
        except (FileNotFoundError, ValueError, KeyError):
            return None

    def keep(self, recipe: Recipe, outcome: Outcome) -> None:
        """Keeps what is left of the training of this recipe.

        Raises:
            OSError: when the disk is full, or the folder cannot be written.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        state: dict[str, Any] = outcome.told.model_dump()
        write_checkpoint(self._path(recipe), state, {"predictions": outcome.predictions})

    def _path(self, recipe: Recipe) -> Path:
        text = recipe.model_dump_json(exclude={"name"})
        return self._folder / f"{hashlib.sha256(text.encode()).hexdigest()[:32]}.npz"
