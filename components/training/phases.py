"""The phases of a run: one after the other, each with a trainable set and settings of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import keras

from components.recipe import Recipe, Training


@dataclass(frozen=True)
class Phase:
    """A stretch of a run.

    `settings` are those of this stretch: its epochs alone, its rate, its batches. `set_trainable` freezes and un-freezes the
    layers of the fused model before the stretch begins.
    """

    settings: Training
    set_trainable: Callable[[keras.Model], None]


def phases(recipe: Recipe) -> tuple[Phase, ...]:
    """The phases that a recipe asks for: one, which trains what the model was built to train."""
    return (Phase(recipe.training, lambda model: None),)
