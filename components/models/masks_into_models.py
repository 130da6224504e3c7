"""Masks that enter a nested model from outside: what Keras 2 did with them there, the nested model's own graph cannot say."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import keras
from keras.src.backend.common.masking import get_keras_mask

from components.models.allowed import RECURRENT
from components.models.flow import nodes
from components.recipe import Refusal
from components.recipe.wording import shown

Source = int | None
"""Which mask a tensor carries: the identity of the one that entered, or none."""

MERGING = frozenset({"Add", "Average", "Maximum", "Minimum", "Multiply", "Subtract"})
"""Layers whose masks Keras 2 joined otherwise than today's does."""

_WEIGHING = frozenset({"AdditiveAttention", "Attention"})


def refuse_changed_masks(model: keras.Model, given: Iterable[Any]) -> None:
    """Accepts a call of a nested model by Keras 2 on symbolic tensors where today's Keras does with their masks as Keras 2 did.

    Raises:
        Refusal: where a layer within merges tensors of different masks, weighs masked tensors, or starts from a state.
    """
    if model.built:
        _follow(model, [None if (mask := get_keras_mask(tensor)) is None else id(mask) for tensor in given], model.name)


def _follow(model: keras.Model, given: list[Source], name: str) -> list[Source]:
    sources: dict[int, Source] = dict(zip(map(id, model.inputs), given, strict=False))
    if not any(given):
        return [None] * len(model.outputs)
    for node in nodes(model):
        if node.is_input:
            continue
        entering = [sources.get(id(tensor)) for tensor in node.input_tensors]
        leaving = _leaving(node, entering, name)
        sources.update(zip(map(id, node.output_tensors), leaving, strict=False))
    return [sources.get(id(tensor)) for tensor in model.outputs]


def _leaving(node: Any, entering: list[Source], name: str) -> list[Source]:
    layer, kind = node.operation, type(node.operation).__name__
    if isinstance(layer, keras.Model):
        return _follow(layer, entering, f"{name}/{layer.name}")
    if any(entering) and (
        kind in _WEIGHING
        or (kind in RECURRENT and len(entering) > 1)
        or ((kind in MERGING or kind == "MultiHeadAttention") and len(set(entering)) > 1)
    ):
        raise Refusal(
            f"Layer {shown(layer.name)} is given masked steps by way of the nested model {shown(name)}, and today's Keras "
            "treats their masks in another way than Keras 2. Call the nested model's layers in the outer model itself, and "
            "save it again."
        )
    keeps_rank = len(node.output_tensors[0].shape) == len(node.input_tensors[0].shape)
    source = entering[0] if getattr(layer, "supports_masking", False) and keeps_rank else None
    return [source] * len(node.output_tensors)
