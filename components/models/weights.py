"""Where a model's weights come from, and how they enter the built model."""

from __future__ import annotations

import math
from typing import Protocol

import keras

from components.models import limits
from components.models.places import Origin
from components.recipe import Refusal
from components.recipe.wording import shown

_BYTES = 32
"""The most that a file holds for one number of the model: 64 bits, and as much for each of an optimizer's three."""
_BESIDE = 64 * limits.MEBIBYTE
"""What a file may hold beside them, such as the counts of lookup layers."""


class Weights(Protocol):
    """A source of weights that has been scanned."""

    def assign(self, model: keras.Model, origin: Origin) -> None:
        """Fills the model's variables; `origin` tells what each layer was in the file.

        Raises:
            Refusal: when the stored weights are not those of this model.
        """


def check_size(model: keras.Model, declared: int) -> None:
    """Refuses weights that declare far more bytes than the model can take, before one of them is read.

    Args:
        model: Has its shapes already.
        declared: What the file says that its weights take, or, still packed, all that it holds.

    Raises:
        Refusal: when they are not those of this model.
    """
    numbers = sum(math.prod(weight.shape) for weight in model.weights)
    if declared > _BESIDE + _BYTES * numbers:
        raise mismatch(f"the model has {numbers:,} numbers, and the file declares {declared:,} bytes for them")


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
