"""What is known of a built model."""

from __future__ import annotations

import inspect
from functools import cache
from typing import Any

import keras
import numpy as np

from components.models.arithmetic import numbers_in
from components.models.arithmetic.rule import of_calls
from components.models.facts import Head, LayerRow
from components.models.flow import Step, flow, nodes, operations
from components.models.meaning import Meaning, meanings
from components.recipe import Shape, Tensor
from components.recipe.wording import shown

_NO_SETTINGS = frozenset({"self", "name", "dtype", "trainable", "activation", "seed"})


def facts(model: keras.Model) -> dict[str, Any]:
    """All fields of a member's facts that the built model tells."""
    steps = flow(model)
    rows = tuple(_row(step) for step in steps)
    return {
        "inputs": inputs(model),
        "outputs": outputs(model),
        "head": head(model),
        "heads": heads(model),
        "parameters": model.count_params(),
        "layers": rows,
        "cut_layers": cut_layers(model),
        "cut_layer": default_cut_layer(model),
        "trainable_parameters": sum(int(np.prod(weight.shape)) for weight in model.trainable_weights),
        "operations": sum(row.operations for row in rows),
        "weight_bytes": sum(_bytes(weight.shape, weight.dtype) for weight in model.weights),
        "activation_bytes": _activation_bytes(model, steps),
        "not_finite": not_finite(steps),
    }


def inputs(model: keras.Model) -> tuple[Tensor, ...]:
    """The model's inputs, in the order in which it is fed."""
    return tuple(_tensor(tensor, tensor.name) for tensor in model.inputs)


def outputs(model: keras.Model) -> tuple[Tensor, ...]:
    """The model's outputs, named after the layers that make them."""
    return tuple(_tensor(tensor, tensor._keras_history.operation.name) for tensor in model.outputs)


def layers(model: keras.Model) -> tuple[LayerRow, ...]:
    """All layers and operations in the order of the flow, those of nested models as `outer/inner`; without input layers."""
    return tuple(_row(step) for step in flow(model))


def head(model: keras.Model) -> Head:
    """The kind of the model's prediction, told from all operations that it went through."""
    return heads(model)[0] if len(model.outputs) == 1 else "several"


def heads(model: keras.Model) -> tuple[Head, ...]:
    """The kind of each of the model's outputs."""
    return tuple(_head(meaning, output) for meaning, output in zip(meanings(model), model.outputs, strict=True))


def _head(meaning: Meaning, output: Any) -> Head:
    if meaning.is_probability:
        return "softmax" if meaning.kind == "softmax" else "sigmoid"
    units = output.shape[-1] if len(output.shape) > 1 else 1
    return "logits" if meaning.kind == "scores" and units != 1 else "linear"


def cut_layers(model: keras.Model) -> tuple[LayerRow, ...]:
    """The outermost layers at which the model can be cut: called once, with one output, to which every input has flowed.

    The layer that makes the prediction is not among them.
    """
    return tuple(_row(Step(operation.name, operation, (), ())) for operation in _cuts(model))


def _cuts(model: keras.Model) -> list[Any]:
    needed = {id(tensor) for tensor in model.inputs}
    reach: dict[int, set[int]] = {id(tensor): {id(tensor)} for tensor in model.inputs}
    found = []
    ends = {id(tensor) for tensor in model.outputs}
    calls = _calls(model)
    for operation in operations(model):
        own = calls.get(id(operation), [])
        for node in own:
            flowed = set().union(*(reach.get(id(tensor), set()) for tensor in node.input_tensors))
            reach.update({id(tensor): flowed for tensor in node.output_tensors})
        if len(own) == 1 and len(own[0].output_tensors) == 1:
            tensor = own[0].output_tensors[0]
            if reach[id(tensor)] == needed and id(tensor) not in ends:
                found.append(operation)
    return found


def default_cut_layer(model: keras.Model) -> str | None:
    """The layer whose output enters the last dense layer; None where there is none, or where that is an input of the model."""
    dense = [operation for operation in operations(model) if isinstance(operation, keras.layers.Dense)]
    own = _calls(model).get(id(dense[-1]), []) if dense else []
    if len(own) != 1:
        return None
    name = own[0].input_tensors[0]._keras_history.operation.name
    return name if name in {operation.name for operation in _cuts(model)} else None


def not_finite(steps: tuple[Step, ...]) -> tuple[str, ...]:
    """The names of the layers with a weight that is infinite or not a number."""
    return tuple(
        step.name
        for step in steps
        if isinstance(step.operation, keras.layers.Layer) and not all(map(_is_finite, step.operation.weights))
    )


def _is_finite(weight: Any) -> bool:
    if not keras.backend.is_float_dtype(weight.dtype):
        return True
    array = np.asarray(weight)
    return bool(np.isfinite(array if array.dtype.kind == "f" else array.astype("float32")).all())


def _tensor(tensor: Any, name: str) -> Tensor:
    return Tensor(name=name, shape=tuple(tensor.shape[1:]), dtype=str(tensor.dtype))


def _calls(model: keras.Model) -> dict[int, list[Any]]:
    """The calls that belong to this model, by the id of what is called."""
    found: dict[int, list[Any]] = {}
    for node in nodes(model):
        found.setdefault(id(node.operation), []).append(node)
    return found


def _row(step: Step) -> LayerRow:
    operation = step.operation
    is_layer = isinstance(operation, keras.layers.Layer)
    return LayerRow(
        name=step.name,
        kind=type(operation).__name__,
        shape=_shape(operation),
        parameters=operation.count_params() if is_layer else 0,
        trainable=bool(operation.trainable) if is_layer else False,
        activation=_activation(operation),
        inputs=step.sources,
        operations=of_calls(operation, step.nodes),
        settings=_settings(operation) if is_layer and not isinstance(operation, keras.Model) else "",
    )


def _shape(operation: Any) -> Shape:
    return tuple(operation._inbound_nodes[-1].output_tensors[0].shape[1:])


def _activation(operation: Any) -> str | None:
    function = getattr(operation, "activation", None)
    return getattr(function, "__name__", None) or getattr(function, "name", None)


def _settings(layer: keras.layers.Layer) -> str:
    """The settings with plain values in which a layer differs from its class's defaults."""
    configuration = layer.get_config()
    told = []
    kind: Any = type(layer)
    for name, default in _defaults(kind).items():
        value = configuration.get(name, default)
        value = tuple(value) if isinstance(value, list) else value
        usual = value == default or (name, value) == ("data_format", "channels_last")
        if not usual and isinstance(value, bool | int | float | str | tuple):
            told.append(f"{name}={shown(value)}")
    return ", ".join(told)


@cache
def _defaults(kind: Any) -> dict[str, Any]:
    """The settings of a class of layers with their defaults."""
    parameters = inspect.signature(kind.__init__).parameters
    return {name: parameter.default for name, parameter in parameters.items() if name not in _NO_SETTINGS}


def _activation_bytes(model: keras.Model, steps: tuple[Step, ...]) -> int:
    given = [tensor for step in steps for node in step.nodes for tensor in node.output_tensors]
    return sum(_bytes(tensor.shape[1:], tensor.dtype) for tensor in [*model.inputs, *given])


def _bytes(shape: Any, dtype: str) -> int:
    """What a tensor takes in memory; text, whose length nobody knows, counts as nothing."""
    return 0 if dtype == "string" else numbers_in(shape) * np.dtype(dtype).itemsize
