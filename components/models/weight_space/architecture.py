"""Whether models can be merged at all: one architecture, weights of one precision, and numbers in all of them."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import zip_longest
from typing import Any

import keras
import numpy as np

from components.models.weight_space.calls import Call, Graph
from components.models.weight_space.weights import weights_of
from components.recipe import Refusal
from components.recipe.wording import shown

_WITHOUT_EFFECT = frozenset(
    {"name", "trainable", "dtype", "momentum", "rate", "stddev", "seed", "registered_name", "build_config"}
)
"""Settings that do not change what a layer predicts, or that are compared elsewhere."""

_COUNT = "/count"
"""How many samples a `Normalization` has seen: a whole number without effect on what it does."""

_OF_TRAINING = ("_initializer", "_regularizer", "_constraint")


def check_alike(graphs: Mapping[str, Graph]) -> None:
    """Checks that the weights of models, by the models' names, belong together one by one.

    Raises:
        Refusal: with the first difference, or the first weight that cannot be averaged.
    """
    first, *others = graphs
    if not weights_of(graphs[first]):
        raise Refusal(f"{shown(first)} has no weights, so there is nothing to merge. Choose trained members.")
    for other in others:
        _same_architecture(first, graphs[first], other, graphs[other])
        _same_kind_of_weights(first, graphs[first], other, graphs[other])
    for name, graph in graphs.items():
        _check_finite(name, graph)


def _same_architecture(one: str, first: Graph, two: str, second: Graph) -> None:
    shared = [_first_calls(graph) for graph in (first, second)]
    for place, (a, b) in enumerate(zip_longest(first.calls, second.calls), start=1):
        if a is None or b is None:
            longer, call = (two, b) if a is None else (one, a)
            raise _differ(one, two, f"{shown(longer)} goes on with {_told(call)} where the other ends")
        difference = _difference(a, b) if shared[0][place - 1] == shared[1][place - 1] else ", one of them a layer once more"
        if difference is not None:
            raise _differ(one, two, f"layer {place} is {_told(a)} in {shown(one)} and {_told(b)} in {shown(two)}{difference}")
    if first.outputs != second.outputs or len(first.inputs) != len(second.inputs):
        raise _differ(one, two, "they take or give other tensors")


def _first_calls(graph: Graph) -> list[int]:
    """For each call the place of the first call of the same layer."""
    operations = [id(call.operation) for call in graph.calls]
    return [operations.index(operation) for operation in operations]


def _difference(a: Call, b: Call) -> str | None:
    """What differs beside what `_told` tells; None where nothing does."""
    if type(a.operation).__name__ != type(b.operation).__name__ or _shape(a) != _shape(b):
        return ""
    if a.inputs != b.inputs:
        return ", and other layers flow into it"
    settings, others = _settings(a), _settings(b)
    for key in settings:
        if settings[key] != others.get(key):
            return f", with {key} {_value(settings[key])} and {_value(others.get(key))}"
    shapes = [[tuple(variable.shape) for variable in call.weights] for call in (a, b)]
    return f", with weights of shapes {shapes[0]} and {shapes[1]}" if shapes[0] != shapes[1] else None


def _settings(call: Call) -> dict[str, Any]:
    try:
        settings = _with_effect(call.operation.get_config())
    except NotImplementedError:
        settings = {}
    constants = [value for value in keras.tree.flatten(call.node.arguments.args) if not keras.utils.is_keras_tensor(value)]
    return {**settings, "arguments": [str(np.asarray(value).tolist()) for value in constants]}


def _with_effect(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {key: each for key, each in value.items() if key not in _WITHOUT_EFFECT and not key.endswith(_OF_TRAINING)}
        return {key: _with_effect(each) for key, each in kept.items()}
    return [_with_effect(each) for each in value] if isinstance(value, list | tuple) else value


def _value(value: Any) -> str:
    return shown(value["config"] if isinstance(value, dict) and isinstance(value.get("config"), str) else value, 24)


def _shape(call: Call) -> tuple[int | None, ...]:
    return tuple(call.node.output_tensors[0].shape[1:])


def _told(call: Call) -> str:
    shape = " × ".join("any" if axis is None else str(axis) for axis in _shape(call)) or "1"
    return f"{shown(call.name)} ({type(call.operation).__name__}, {shape})"


def _differ(one: str, two: str, difference: str) -> Refusal:
    return Refusal(
        f"{shown(one)} and {shown(two)} are of different architectures: {difference}. "
        "Weights can be merged of models that differ in nothing but their values; choose such members, or fuse their outputs."
    )


def _same_kind_of_weights(one: str, first: Graph, two: str, second: Graph) -> None:
    for a, b in zip(weights_of(first), weights_of(second), strict=True):
        if a.dtype != b.dtype:
            raise Refusal(
                f"{shown(a.name)} is {a.dtype} in {shown(one)} and {b.dtype} in {shown(two)}. "
                "Save both models in one precision."
            )
        if not a.is_float and not a.name.endswith(_COUNT) and not np.array_equal(a.read(), b.read()):
            raise Refusal(
                f"{shown(a.name)} holds {a.dtype}, which cannot be averaged, and is another in {shown(one)} than in "
                f"{shown(two)}. Choose members that have it in common."
            )


def _check_finite(name: str, graph: Graph) -> None:
    for weight in weights_of(graph):
        if not np.isfinite(weight.read()).all():
            raise Refusal(
                f"{shown(weight.name)} of {shown(name)} holds numbers that are infinite or none at all. "
                "Train the model again before merging it."
            )
