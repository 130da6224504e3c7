"""When a run's checkpoint is written, and what the last one held."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from components.recipe import Recipe, Refusal
from components.training.checkpoint import Checkpoint, read_checkpoint, write_checkpoint

SECONDS_BETWEEN_EPOCHS, SECONDS_WITHIN_EPOCH = 1.0, 5.0
"""A checkpoint is written when an epoch begins, and within long ones, but not more often than after so many seconds."""

LARGEST_SHARE = 0.01
"""How much of a run's time may go into writing checkpoints."""


class Keeper:
    """Keeps the one checkpoint of a run in a file, and finds the one that is there.

    `found` is what an earlier start of the same run left, None where there was none.
    """

    def __init__(
        self,
        recipe: Recipe,
        path: Path | None = None,
        before: Callable[[], None] = lambda: None,
        trouble: Callable[[str], None] = lambda sentence: None,
    ) -> None:
        """Looks for a checkpoint.

        Args:
            recipe: What is trained; its name plays no part.
            path: Of the file; nothing is kept where there is none.
            before: Is called before a checkpoint is written: what the run has told must last first. Raises OSError if it
                does not.
            trouble: Is told in a sentence why a checkpoint could not be written, and nothing once one could again.

        Raises:
            Refusal: when the file is of another recipe, or cannot be read.
        """
        self._path, self._before, self._trouble = path, before, trouble
        self._recipe = hashlib.sha256(recipe.model_copy(update={"name": ""}).model_dump_json().encode()).hexdigest()
        self._written = time.monotonic()
        self._pause = 0.0
        self.found = self.last()

    def is_due(self, between_epochs: bool) -> bool:
        """Whether the last checkpoint is old enough, for the place in the data and for what writing it costs."""
        seconds = SECONDS_BETWEEN_EPOCHS if between_epochs else SECONDS_WITHIN_EPOCH
        return self._path is not None and time.monotonic() - self._written >= max(seconds, self._pause)

    def write(self, state: Mapping[str, Any], variables: Mapping[str, Iterable[Any]]) -> None:
        """Writes a checkpoint in place of the last one. Where that fails, the last one stays, and the run goes on."""
        if self._path is None:
            return
        began = time.monotonic()
        try:
            self._before()
            write_checkpoint(self._path, {**state, "recipe": self._recipe}, variables)
            self._trouble("")
        except OSError as error:
            self.trouble = (
                f"No checkpoint could be written ({error.strerror}), so the run goes on from the last one if it is cut off."
            )
        self._written = time.monotonic()
        self._pause = (self._written - began) / LARGEST_SHARE

    def forget(self) -> None:
        """The run has come to its end: nobody continues it."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)

    def last(self) -> Checkpoint | None:
        """The last checkpoint that was written, now or by an earlier start.

        Raises:
            Refusal: when it is of another recipe, or cannot be read.
        """
        if self._path is None:
            return None
        try:
            found = read_checkpoint(self._path)
        except FileNotFoundError:
            return None
        except (ValueError, OSError) as error:
            raise Refusal("The run's checkpoint cannot be read. Remove it, or start the run anew.", str(error)) from error
        if found.state["recipe"] != self._recipe:
            raise Refusal(
                f"{self._path.parent.name[:60]} holds the checkpoint of another recipe. "
                f"Choose another folder, or remove {self._path.name} from it."
            )
        return found
