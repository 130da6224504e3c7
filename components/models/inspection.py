"""What is known of a built model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras

from components.models.facts import Head, LayerRow
from components.models.meaning import meanings
from components.recipe import Shape, Tensor


def inputs(model: keras.Model) -> tuple[Tensor, ...]:
    """The model's inputs, in the order in which it is fed."""
    return tuple(_tensor(tensor, tensor.name) for tensor in model.inputs)


def outputs(model: keras.Model) -> tuple[Tensor, ...]:
    """The model's outputs, named after the layers that make them."""
    return tuple(_tensor(tensor, tensor._keras_history.operation.name) for tensor in model.outputs)


def layers(model: keras.Model) -> tuple[LayerRow, ...]:
    """All layers and operations in the order of the flow, those of nested models as `outer/inner`; without input layers."""
    return tuple(_rows(model, ""))


def head(model: keras.Model) -> Head:
    """The kind of the model's prediction, told from all operations that it went through."""
    if len(model.outputs) != 1:
        return "several"
    (meaning,) = meanings(model)
    if meaning.is_probability:
        return "softmax" if meaning.kind == "softmax" else "sigmoid"
    units = model.outputs[0].shape[-1] if len(model.outputs[0].shape) > 1 else 1
    return "logits" if meaning.kind == "scores" and units != 1 else "linear"


def cut_layers(model: keras.Model) -> tuple[LayerRow, ...]:
    """The outermost layers at which the model can be cut: called once, with one output, to which every input has flowed.

    The layer that makes the prediction is not among them.
    """
    needed = {id(tensor) for tensor in model.inputs}
    reach: dict[int, set[int]] = {id(tensor): {id(tensor)} for tensor in model.inputs}
    rows = []
    ends = {id(tensor) for tensor in model.outputs}
    for operation in _operations(model):
        nodes = _nodes(model, operation)
        for node in nodes:
            flowed = set().union(*(reach.get(id(tensor), set()) for tensor in node.input_tensors))
            reach.update({id(tensor): flowed for tensor in node.output_tensors})
        if len(nodes) == 1 and len(nodes[0].output_tensors) == 1:
            tensor = nodes[0].output_tensors[0]
            if reach[id(tensor)] == needed and id(tensor) not in ends:
                rows.append(_row(operation, operation.name))
    return tuple(rows)


def default_cut_layer(model: keras.Model) -> str | None:
    """The layer whose output enters the last dense layer; None where there is none, or where that is an input of the model."""
    dense = [operation for operation in _operations(model) if isinstance(operation, keras.layers.Dense)]
    nodes = _nodes(model, dense[-1]) if dense else []
    if len(nodes) != 1:
        return None
    name = nodes[0].input_tensors[0]._keras_history.operation.name
    return name if name in {row.name for row in cut_layers(model)} else None


def _tensor(tensor: Any, name: str) -> Tensor:
    return Tensor(name=name, shape=tuple(tensor.shape[1:]), dtype=str(tensor.dtype))


def _operations(model: keras.Model) -> list[Any]:
    """Layers and operations in the order of the flow, without inputs and without the operations that Keras adds for masks."""
    found = model._functional.operations if isinstance(model, keras.Sequential) else model.operations
    return [
        operation for operation in found if not isinstance(operation, keras.layers.InputLayer) and not _makes_mask(operation)
    ]


def _makes_mask(operation: Any) -> bool:
    tensors = operation._inbound_nodes[0].output_tensors
    return not isinstance(operation, keras.layers.Layer) and all(tensor.dtype == "bool" for tensor in tensors)


def _nodes(model: keras.Model, operation: Any) -> list[Any]:
    """The calls of an operation that belong to this model."""
    graph = model._functional if isinstance(model, keras.Sequential) else model
    own = {id(node) for nodes in graph._nodes_by_depth.values() for node in nodes}
    return [node for node in operation._inbound_nodes if id(node) in own]


def _rows(model: keras.Model, prefix: str) -> Iterator[LayerRow]:
    for operation in _operations(model):
        if isinstance(operation, keras.Model):
            yield from _rows(operation, f"{prefix}{operation.name}/")
        else:
            yield _row(operation, prefix + operation.name)


def _row(operation: Any, name: str) -> LayerRow:
    is_layer = isinstance(operation, keras.layers.Layer)
    return LayerRow(
        name=name,
        kind=type(operation).__name__,
        shape=_shape(operation),
        parameters=operation.count_params() if is_layer else 0,
        trainable=bool(operation.trainable) if is_layer else False,
        activation=_activation(operation),
    )


def _shape(operation: Any) -> Shape:
    return tuple(operation._inbound_nodes[-1].output_tensors[0].shape[1:])


def _activation(operation: Any) -> str | None:
    function = getattr(operation, "activation", None)
    return getattr(function, "__name__", None) or getattr(function, "name", None)
