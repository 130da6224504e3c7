"""A built model as a list of calls, nested models unfolded: to compare, to trace, and to run one call after another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import keras
import numpy.typing as npt

CHUNK = 256
"""Samples that flow through a layer at once."""

MOST_VALUES = 1 << 27
"""Numbers that may be held between layers while samples flow through a model: 512 MiB in float32."""


class Call(NamedTuple):
    """One call of a layer or operation; one of a nested model is named `outer/inner`. Tensors are numbered from 0."""

    name: str
    operation: Any
    node: Any
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]

    @property
    def weights(self) -> list[Any]:
        """The variables of the layer that predictions depend on, moving statistics included."""
        return list(self.operation.weights) if isinstance(self.operation, keras.layers.Layer) else []


class Graph(NamedTuple):
    """A model's calls, each after those whose outputs it takes, and the numbers of its inputs and outputs."""

    calls: tuple[Call, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


Chunks = list[Any]
"""A tensor for all samples, in backend tensors of up to `CHUNK` samples."""

Visit = Callable[[Call, list[Chunks]], None]
"""Is shown a call and what flows into it before it is made, and may change the weights of its layer."""


def graph_of(model: keras.Model) -> Graph:
    """The calls of a functional or sequential model."""
    numbers = iter(range(1 << 62))
    inputs = tuple(next(numbers) for _ in model.inputs)
    calls: list[Call] = []
    outputs = _unfold(model, "", inputs, numbers, calls)
    return Graph(tuple(calls), inputs, outputs)


def run(graph: Graph, inputs: Sequence[npt.NDArray[Any]], *visits: Visit) -> list[Chunks]:
    """Lets samples flow through the model in inference mode, all of them through one call before the next.

    Args:
        graph: The model.
        inputs: Arrays of shape (n, …) in the order of its inputs.
        visits: Are shown each call.

    Returns:
        The model's outputs.
    """
    last = {number: index for index, call in enumerate(graph.calls) for number in call.inputs}
    known: dict[int, Chunks] = {number: _chunks(array) for number, array in zip(graph.inputs, inputs, strict=True)}
    for index, call in enumerate(graph.calls):
        given = [known[number] for number in call.inputs]
        for visit in visits:
            visit(call, given)
        made = [_call(call, chunk) for chunk in zip(*given, strict=True)]
        for place, number in enumerate(call.outputs):
            known[number] = [outputs[place] for outputs in made]
        for number in call.inputs:
            if last[number] == index and number not in graph.outputs:
                known.pop(number, None)
    return [known[number] for number in graph.outputs]


def most_samples(graph: Graph) -> int:
    """How many samples may flow through the model call by call without holding too much at once."""
    last = {number: index for index, call in enumerate(graph.calls) for number in call.inputs}
    sizes: dict[int, int] = {}
    largest = 1
    for index, call in enumerate(graph.calls):
        for number, tensor in zip(
            (*call.inputs, *call.outputs), (*call.node.input_tensors, *call.node.output_tensors), strict=True
        ):
            sizes[number] = _size(tensor)
        largest = max(largest, sum(sizes.values()))
        for number in call.inputs:
            if last[number] == index:
                sizes.pop(number, None)
    return max(1, MOST_VALUES // largest)


def _size(tensor: Any) -> int:
    size = 1
    for axis in tensor.shape[1:]:
        size *= axis or 1
    return size


def _chunks(array: npt.NDArray[Any]) -> Chunks:
    return [keras.ops.convert_to_tensor(array[start : start + CHUNK]) for start in range(0, len(array), CHUNK)]


def _call(call: Call, given: Sequence[Any]) -> list[Any]:
    values = {id(tensor): value for tensor, value in zip(call.node.input_tensors, given, strict=True)}
    args, kwargs = call.node.arguments.fill_in(values)
    return list(keras.tree.flatten(call.operation(*args, **kwargs)))


def _unfold(
    model: keras.Model, prefix: str, inputs: Sequence[int], numbers: Iterator[int], calls: list[Call]
) -> tuple[int, ...]:
    graph = model._functional if isinstance(model, keras.Sequential) else model
    known = {id(tensor): number for tensor, number in zip(graph.inputs, inputs, strict=True)}
    for depth in sorted(graph._nodes_by_depth, reverse=True):
        for node in graph._nodes_by_depth[depth]:
            if node.is_input:
                continue
            given = tuple(known[id(tensor)] for tensor in node.input_tensors)
            name = prefix + node.operation.name
            if isinstance(node.operation, keras.Model):
                made = _unfold(node.operation, f"{name}/", given, numbers, calls)
            else:
                made = tuple(next(numbers) for _ in node.output_tensors)
                calls.append(Call(name, node.operation, node, given, made))
            known.update((id(tensor), number) for tensor, number in zip(node.output_tensors, made, strict=True))
    return tuple(known[id(tensor)] for tensor in graph.outputs)
