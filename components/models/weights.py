"""Where a model's weights come from, and how they enter the built model."""

from __future__ import annotations

from typing import Protocol

import keras

from components.models.places import Origin
from components.recipe import Refusal
from components.recipe.wording import shown


class Weights(Protocol):
    """A source of weights that has been scanned."""

    def assign(self, model: keras.Model, origin: Origin) -> None:
        """Fills the model's variables; `origin` tells what each layer was in the file.

        Raises:
            Refusal: when the stored weights are not those of this model.
        """


def finalize(model: keras.Model) -> None:
    """Lets layers that derive something from their weights (`Normalization`) do so."""
    for layer in model._flatten_layers(include_self=False):
        if hasattr(layer, "finalize_state"):
            layer.finalize_state()


def mismatch(reason: object) -> Refusal:
    """The refusal of weights that do not belong to the model; `reason` is its detail."""
    return Refusal(
        "The weights in the file are not those of the model that it describes. Save the model again, or bring the weights "
        "that belong to it.",
        shown(reason, 300),
    )
