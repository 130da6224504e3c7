"""Builds an architecture of `keras.applications` with random weights."""

from __future__ import annotations

from typing import Any

import keras

from components.models.architectures import ArchitectureOrder, End, architecture_of
from components.recipe import Refusal

_ENDS: dict[End, dict[str, Any]] = {
    "softmax": {"include_top": True, "classifier_activation": "softmax"},
    "logits": {"include_top": True, "classifier_activation": None},
    "average-pooling": {"include_top": False, "pooling": "avg"},
    "max-pooling": {"include_top": False, "pooling": "max"},
}


def build_architecture(order: ArchitectureOrder) -> keras.Model:
    """What `keras.applications` builds without weights of its own; the random ones follow from the order's seed.

    Raises:
        Refusal: when there is no such architecture, its images cannot be so small, or Keras cannot build it like this.
    """
    known = architecture_of(order)
    # It keeps the name that Keras gives it: some families look up their blocks by it.
    settings = {"weights": None, "input_shape": (order.side, order.side, order.channels), **_ENDS[order.end]}
    if settings["include_top"]:
        settings["classes"] = order.units
    if "alpha" in known.takes:
        settings["alpha"] = order.width
    if "include_preprocessing" in known.takes:
        # It knows means and deviations of three colours.
        settings["include_preprocessing"] = order.channels == 3
    keras.utils.set_random_seed(order.seed)
    try:
        return getattr(keras.applications, known.name)(**settings)
    except ValueError as error:
        raise Refusal(
            f"Keras cannot build {known.name} like this; the technical detail says why. Choose other settings.", str(error)
        ) from error
