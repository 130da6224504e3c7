"""How a sample flows through a built model: its layers and operations, and what flows into each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import keras


class Step(NamedTuple):
    """A layer or operation of a model; one of a nested model is named `outer/inner`.

    `nodes` are its calls, once more for every call of the model around it. `sources` are the names of the steps and of the
    model's inputs that flow into it.
    """

    name: str
    operation: Any
    nodes: tuple[Any, ...]
    sources: tuple[str, ...]


def flow(model: keras.Model) -> tuple[Step, ...]:
    """All layers and operations in the order of the flow; without input layers, and without what Keras adds for masks."""
    calls: dict[str, list[Any]] = {}
    sources: dict[str, dict[str, None]] = {}
    origins: dict[int, tuple[str, ...]] = {id(tensor): (tensor.name,) for tensor in model.inputs}
    _follow(model, "", origins, calls, sources)
    return tuple(
        Step(name, operation, tuple(calls.get(name, ())), tuple(sources.get(name, ()))) for name, operation in _named(model, "")
    )


def operations(model: keras.Model) -> list[Any]:
    """Layers, nested models and operations in the order of the flow, without inputs and without what Keras adds for masks."""
    found = model._functional.operations if isinstance(model, keras.Sequential) else model.operations
    return [
        operation for operation in found if not isinstance(operation, keras.layers.InputLayer) and not _makes_mask(operation)
    ]


def nodes(model: keras.Model) -> list[Any]:
    """The calls that make a model up, each after those that it takes something from."""
    graph = model._functional if isinstance(model, keras.Sequential) else model
    return [node for depth in sorted(graph._nodes_by_depth, reverse=True) for node in graph._nodes_by_depth[depth]]


def _makes_mask(operation: Any) -> bool:
    tensors = operation._inbound_nodes[0].output_tensors
    return not isinstance(operation, keras.layers.Layer) and all(tensor.dtype == "bool" for tensor in tensors)


def _named(model: keras.Model, prefix: str) -> Iterator[tuple[str, Any]]:
    for operation in operations(model):
        if isinstance(operation, keras.Model):
            yield from _named(operation, f"{prefix}{operation.name}/")
        else:
            yield prefix + operation.name, operation


def _follow(
    model: keras.Model,
    prefix: str,
    origins: dict[int, tuple[str, ...]],
    calls: dict[str, list[Any]],
    sources: dict[str, dict[str, None]],
) -> None:
    """Notes each call and where its tensors come from; `origins` knows the model's inputs and learns all other tensors."""
    for node in nodes(model):
        if node.is_input:
            continue
        operation, name = node.operation, prefix + node.operation.name
        given = [origins.get(id(tensor), ()) for tensor in node.input_tensors]
        if isinstance(operation, keras.Model):
            inside = {id(tensor): origin for tensor, origin in zip(operation.inputs, given, strict=False)}
            _follow(operation, f"{name}/", inside, calls, sources)
            left = [inside.get(id(tensor), ()) for tensor in operation.outputs]
        elif _makes_mask(operation):
            left = [()] * len(node.output_tensors)
        else:
            calls.setdefault(name, []).append(node)
            sources.setdefault(name, {}).update(dict.fromkeys(source for origin in given for source in origin))
            left = [(name,)] * len(node.output_tensors)
        origins.update((id(tensor), origin) for tensor, origin in zip(node.output_tensors, left, strict=False))
