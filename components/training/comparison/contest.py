"""What is compared: layouts over the same members and data, each trained with the same seeds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import keras

from components.data.samples import Samples
from components.data.split import Splits
from components.recipe import Recipe

Turn = tuple[str, int]
"""One training of one layout: the layout's name, and the training's number, 0 for the one with the seed of the recipe."""


@dataclass(frozen=True)
class Contest:
    """Layouts that are trained with the same budget, splits and seeds.

    `recipes` are those of the layouts by their names, alike in all but layout, options and graph; `models` those of the members
    by their names; `samples` is the bound dataset with its `splits`. Each layout has `seeds` trainings. `verdicts` are what is
    said of the layouts' gradients before training, `refused` why further layouts take no part; both by the layouts' names.
    """

    recipes: Mapping[str, Recipe]
    models: Mapping[str, keras.Model]
    samples: Samples
    splits: Splits
    seeds: int
    verdicts: Mapping[str, str] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)

    @property
    def first(self) -> Recipe:
        """The first layout's recipe: members, data and settings are those of all."""
        return next(iter(self.recipes.values()))

    @property
    def turns(self) -> list[Turn]:
        """All trainings, layout by layout."""
        return [(name, number) for name in self.recipes for number in range(self.seeds)]

    def seeded(self, turn: Turn) -> Recipe:
        """The recipe of one training."""
        name, number = turn
        return self.recipes[name].model_copy(update={"seed": self.recipes[name].seed + number})
