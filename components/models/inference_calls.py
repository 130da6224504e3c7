"""Layers that a file calls with `training=False`, and that act otherwise in training nevertheless."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import keras

from components.models.flow import nodes
from components.recipe.wording import shown

_RATES = ("rate", "stddev", "dropout", "recurrent_dropout")


def inference_notes(model: keras.Model) -> Iterator[str]:
    """A sentence on the layers that were to act in training as in prediction, and will not, if there are any.

    A functional model that is called in training hands that on to all of its layers, over what was said when they were called
    (Keras 3.15; https://github.com/keras-team/keras/issues/20285). What is not trainable keeps its statistics all the same.
    """
    layers = dict(_layers(model, "", False))
    if not layers:
        return
    name, more = shown(next(iter(layers))), len(layers) - 1
    called = f"{name} is" if not more else f"{name} and {more} more layer{'s' * (more > 1)} are"
    freeze = "the member" if not all(layer.weights for layer in layers.values()) else "these layers" if more else "this layer"
    yield (
        f"{called} called with training=False in the file, but Keras 3 does not heed that in training: batch statistics and "
        f"dropout act there all the same. To prevent it, freeze {freeze} on the Fuse page."
    )


def _layers(model: keras.Model, prefix: str, inference: bool) -> Iterator[tuple[str, keras.layers.Layer]]:
    """The layers, by their names. `inference` says whether the model itself is called so."""
    for node in nodes(model):
        layer, said = node.operation, _said(node)
        fixed = inference if said is None else not said
        if isinstance(layer, keras.Model):
            yield from _layers(layer, f"{prefix}{layer.name}/", fixed)
        elif fixed and isinstance(layer, keras.layers.Layer) and any(map(_acts_otherwise, layer._flatten_layers())):
            yield prefix + layer.name, layer


def _said(node: Any) -> bool | None:
    """What a call says of training; None where it says nothing, for which Keras notes what is usual for the layer."""
    said = node.arguments.kwargs.get("training")
    taken = inspect.signature(node.operation.call).parameters.get("training")
    usual = taken.default if taken else None
    return said if isinstance(said, bool) and said is not usual else None


def _acts_otherwise(layer: Any) -> bool:
    """Whether a layer does in training what it does not do in prediction."""
    learns = isinstance(layer, keras.layers.BatchNormalization) and layer.trainable
    return learns or any(getattr(layer, rate, 0) for rate in _RATES)
