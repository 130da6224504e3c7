"""Masks as Keras 2 handed them on, where today's Keras does otherwise.

Keras 2 gave a recurrent layer its input's mask beside a first state too, and it merged masked tensors number by number and
kept what every mask keeps. What is built here says so in the graph itself, so that the saved model does the same wherever it is
loaded: an operation of `keras.ops` carries no mask, and a mask may be a layer's argument. Where Keras 2 ended a mask, the
configuration says so already (see `components.models.ended_masks`).
"""

from __future__ import annotations

from functools import reduce
from typing import Any

import keras
from keras.src.backend.common.masking import get_keras_mask, set_keras_mask

from components.models.allowed import RECURRENT
from components.models.masks_into_models import MERGING, refuse_changed_masks


def _of_list(positional: list[Any], keywords: dict[str, Any]) -> dict[str, Any]:
    masks = [get_keras_mask(tensor) for tensor in positional[0]]
    return {"mask": masks} if any(mask is not None for mask in masks) else {}


def _of_each(positional: list[Any], keywords: dict[str, Any]) -> dict[str, Any]:
    tensors = dict(zip(("query", "value", "key"), positional, strict=False)) | keywords
    masks = {f"{name}_mask": get_keras_mask(tensors[name]) for name in ("query", "value", "key") if name in tensors}
    return {name: mask for name, mask in masks.items() if mask is not None}


ATTENDING = {"AdditiveAttention": _of_list, "Attention": _of_list, "MultiHeadAttention": _of_each}
"""The masks of layers whose arguments say them: today's `MultiHeadAttention` takes the mask from its tensors for all others."""


def call(layer: Any, positional: list[Any], keywords: dict[str, Any]) -> Any:
    """Calls a layer of a model by Keras 2 on symbolic tensors."""
    kind = type(layer).__name__ if isinstance(layer, keras.layers.Layer) else ""
    if isinstance(layer, keras.Model):
        refuse_changed_masks(layer, keras.tree.flatten(positional))
    if kind in RECURRENT and "initial_state" in keywords:
        keywords = {"mask": get_keras_mask(positional[0]), **keywords}
    if kind in ATTENDING:
        keywords = {**ATTENDING[kind](positional, keywords), **keywords}
    if kind in MERGING:
        return _merge(layer, positional[0])
    return layer(*positional, **keywords)


def _merge(layer: Any, tensors: list[Any]) -> Any:
    masks = [mask for mask in map(get_keras_mask, tensors) if mask is not None]
    if not masks:
        return layer(tensors)
    result = layer([tensor if get_keras_mask(tensor) is None else keras.ops.copy(tensor) for tensor in tensors])
    set_keras_mask(result, reduce(keras.ops.logical_and, masks))
    return result
