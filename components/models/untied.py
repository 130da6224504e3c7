"""Layers that several nested models of the file had in common."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import keras
import numpy as np

from components.recipe.wording import shown

COPIED = "stands in several nested models with the same weights; each has its own copy here, and training may move them apart"


def untied_notes(model: keras.Model) -> Iterator[str]:
    """A sentence on the layers that lie in several nested models under one name and with the same weights, if there are any.

    Keras builds such a layer anew for each of the models. What it predicts stays the same until it is trained.
    """
    by_name: dict[tuple[str, str], list[keras.layers.Layer]] = defaultdict(list)
    for layer in _layers(model):
        by_name[type(layer).__name__, layer.name].append(layer)
    names = [name for (_, name), layers in by_name.items() if _any_alike(layers)]
    if names:
        yield f"{shown(names[0])}: it {COPIED}." if len(names) == 1 else f"{len(names)} layers: each {COPIED}."


def _layers(model: keras.Model) -> Iterator[keras.layers.Layer]:
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from _layers(layer)
        elif layer.weights:
            yield layer


def _any_alike(layers: list[keras.layers.Layer]) -> bool:
    """Whether two of the layers have the same weights, of which one at least is not all the same number, as in new layers."""
    if len(layers) < 2:
        return False
    weights = [[np.asarray(each) for each in layer.get_weights()] for layer in layers]
    trained = [held for held in weights if any((each != each.flat[0]).any() for each in held if each.size)]
    return len({tuple(each.tobytes() for each in held) for held in trained}) < len(trained)
