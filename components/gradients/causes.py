"""Why a gradient is zero or missing by the model's own structure: each cause is one entry of a table."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from components.gradients.flow import Flow
from components.gradients.owners import Owner

HARD = frozenset(
    {"Argmax", "Argmin", "Argsort", "OneHot", "Sign", "Round", "Floor", "Ceil"}
    | {"Equal", "NotEqual", "Greater", "GreaterEqual", "Less", "LessEqual"}
)
"""Operations that give steps, through which no gradient passes."""

OFFSETS = frozenset({"bias", "beta"})
"""Weights that are added; at zero they close nothing."""

ROUNDING = 1e-4
"""A bias that gets nothing in exact arithmetic comes out below this part of its layer's gradient."""


@dataclass(frozen=True)
class Found:
    """A layer as it was measured, with what is around it. `norms` has one norm for each trainable variable."""

    owner: Owner
    norms: tuple[float | None, ...]
    flow: Flow
    others: tuple[tuple[Owner, tuple[float | None, ...]], ...]


def operation(owner: Owner, flow: Flow) -> Any | None:
    """The innermost holder of the layer that is an operation of the model's graph."""
    return next((layer for layer in reversed(owner.chain) if layer in flow), None)


def hard_vote(found: Found) -> str | None:
    """Every way to the output leads through an operation that gives steps."""
    if _only_through(found, _is_hard):
        return "a hard vote picks whole classes, and no gradient passes through a choice"
    return None


def held_fixed(found: Found) -> str | None:
    """Every way from a member to the output leads through an operation of the layout that holds what is before it fixed."""
    members = {owner.member for owner, _ in found.others}
    if found.owner.member and _only_through(found, lambda each: _is_held(each, members)):
        return "the layout holds what this gives fixed, so that another member learns what it leaves"
    return None


def _only_through(found: Found, stop: Callable[[Any], bool]) -> bool:
    """Whether no gradient exists, and no way leads to the output but through operations for which `stop` is true."""
    at = operation(found.owner, found.flow)
    if at is None or any(norm is not None for norm in found.norms):
        return False
    return found.flow.reaches_output(at) and not found.flow.reaches_output(at, stop)


def zero_start(found: Found) -> str | None:
    """A layer further down starts at zero, learns itself, and lets nothing through before its first step."""
    at = operation(found.owner, found.flow)
    if at is None or any(norm != 0 for norm in found.norms):
        return None
    below = {id(each) for each in found.flow.downstream(at)}
    for owner, norms in found.others:
        if id(operation(owner, found.flow)) in below and any(
            norm and weight.name not in OFFSETS and _shut(weight.numpy())
            for norm, weight in zip(norms, owner.trainable, strict=True)
        ):
            return f"{owner.path} starts at zero where this flows in, and lets nothing through before its own first step"
    return None


def one_key_token(found: Found) -> str | None:
    """Attention over a single key gives it the weight one, whatever query and key are."""
    attention = _attention(found.owner)
    if attention is None or any(norm != 0 for norm in found.norms) or _key_tokens(attention) != 1:
        return None
    if found.owner.layer in (attention.query_dense, attention.key_dense):
        return f"{attention.name} has one key token, and its weight is one whatever the query and the key are"
    return None


def bias_before_normalization(found: Found) -> str | None:
    """BatchNormalization subtracts the mean of the batch, and any bias with it."""
    layer = found.owner.layer
    if layer not in found.flow or getattr(layer, "activation", None) not in (None, keras.activations.linear):
        return None
    after = found.flow.consumers(layer)
    if after and all(isinstance(each, keras.layers.BatchNormalization) and each.trainable for each in after):
        return f"{after[0].name} right after it subtracts every constant"
    return None


def key_bias(found: Found) -> str | None:
    """The softmax of attention does not feel what is added to every score alike."""
    attention = _attention(found.owner)
    if attention is not None and found.owner.layer is attention.key_dense:
        return f"it adds the same to every score of {attention.name}, and a softmax cancels that"
    return None


Cause = Callable[[Found], str | None]

OF_A_LAYER: tuple[Cause, ...] = (hard_vote, held_fixed, one_key_token, zero_start)
OF_A_BIAS: tuple[Cause, ...] = (bias_before_normalization, key_bias)


def why_silent(found: Found) -> str:
    """Why no gradient reaches the layer by design; empty where one does, or where no cause is known."""
    return next((cause for rule in OF_A_LAYER if (cause := rule(found))), "")


def why_untrainable(owner: Owner) -> str:
    """Why nothing of the layer learns even when it is not frozen; empty where something would."""
    # A weight that was frozen stays among these; statistics never were. A recurrent layer's lie in its cell.
    learn = {id(weight) for layer in owner.layer._flatten_layers() for weight in layer._trainable_variables}
    if any(id(weight) in learn for weight in owner.fixed):
        return ""
    return "it holds statistics, and no weights that a gradient could change"


def why_bias_silent(found: Found) -> str:
    """Why the layer's bias alone gets no gradient by design; empty where it gets one."""
    bias = getattr(found.owner.layer, "bias", None)
    strongest = max((norm or 0.0 for norm in found.norms), default=0.0)
    for norm, weight in zip(found.norms, found.owner.trainable, strict=True):
        if weight is bias and norm is not None and norm <= ROUNDING * strongest:
            return next((cause for rule in OF_A_BIAS if (cause := rule(found))), "")
    return ""


def _shut(weight: np.ndarray) -> bool:
    """Whether a weight lets nothing of an input through: a vector or number of zeros, or a kernel with a row of zeros."""
    return not (np.any(weight, axis=-1).all() if weight.ndim > 1 else np.any(weight))


def _is_held(each: Any, members: Collection[str | None]) -> bool:
    # An operation within a branch has the member's name before a point.
    return type(each).__name__ == "StopGradient" and each.name.partition(".")[0] not in members


def _is_hard(each: Any) -> bool:
    return type(each).__name__ in HARD


def _attention(owner: Owner) -> keras.layers.MultiHeadAttention | None:
    holder = owner.chain[-2] if len(owner.chain) > 1 else None
    return holder if isinstance(holder, keras.layers.MultiHeadAttention) else None


def _key_tokens(attention: keras.layers.MultiHeadAttention) -> int | None:
    """How many tokens the layer attends to, from the shape of its values; None where that is open."""
    lengths = attention._build_shapes_dict["value_shape"][1:-1]
    return None if None in lengths else math.prod(lengths)
