"""Hidden units of a merged model given the mean and deviation that they have in the members.

In an average weights cancel in part, so that signals fade from layer to layer (Jordan et al., REPAIR, 2023). Kernel and bias of
each dense or convolutional layer are rescaled unit by unit, one layer after the other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import keras
import numpy as np
import numpy.typing as npt

from components.models.weight_space.calls import Call, Chunks, Graph, Visit, run
from components.models.weight_space.registry import Array

_LAYERS = (keras.layers.Dense, keras.layers.Conv1D, keras.layers.Conv2D, keras.layers.Conv3D)

_SMALLEST = 1e-6
"""A unit that varies less is the same for all samples, and is only shifted."""


class Moments(NamedTuple):
    """Mean and deviation of each unit of a layer before its activation."""

    mean: Array
    deviation: Array


def repairable(graph: Graph) -> set[str]:
    """The names of the layers that can be rescaled: hidden ones that have a bias and are called once."""
    calls = Counter(call.name for call in graph.calls)
    return {
        call.name
        for call in graph.calls
        if isinstance(call.operation, _LAYERS)
        and call.operation.use_bias
        and calls[call.name] == 1
        and not set(call.outputs) & set(graph.outputs)
    }


def unit_moments(graph: Graph, inputs: Sequence[npt.NDArray[Any]]) -> dict[str, Moments]:
    """What the units of a model's layers are like over samples, by the layers' names.

    Args:
        graph: The model.
        inputs: Arrays of shape (n, …) in the order of its inputs.
    """
    names, found = repairable(graph), dict[str, Moments]()

    def look(call: Call, given: list[Chunks]) -> None:
        if call.name in names:
            found[call.name] = _moments(call.operation, given[0])

    run(graph, inputs, look)
    return found


def rescaler(wanted: Mapping[str, Moments]) -> Visit:
    """Gives every unit of a model the wanted mean and deviation while samples flow through; by the layers' names."""

    def rescale(call: Call, given: list[Chunks]) -> None:
        if call.name not in wanted:
            return
        layer, now, then = call.operation, _moments(call.operation, given[0]), wanted[call.name]
        factor = np.divide(then.deviation, now.deviation, out=np.ones_like(now.deviation), where=now.deviation > _SMALLEST)
        kernel, bias = (np.asarray(variable).astype(np.float64) for variable in (layer.kernel, layer.bias))
        layer.kernel.assign(keras.ops.cast(kernel * factor, layer.kernel.dtype))
        layer.bias.assign(keras.ops.cast((bias - now.mean) * factor + then.mean, layer.bias.dtype))

    return rescale


def blend(moments: Sequence[Mapping[str, Moments]], shares: Sequence[float]) -> dict[str, Moments]:
    """Means and deviations of several models, averaged by shares."""

    def mean(name: str, place: int) -> Array:
        return np.sum([share * each[name][place] for share, each in zip(shares, moments, strict=True)], axis=0)

    return {name: Moments(mean(name, 0), mean(name, 1)) for name in moments[0]}


def _moments(layer: Any, chunks: Chunks) -> Moments:
    sums = [np.asarray(_sums(layer, chunk)).astype(np.float64) for chunk in chunks]
    rows = np.concatenate([array.reshape(-1, array.shape[-1]) for array in sums])
    return Moments(rows.mean(axis=0), rows.std(axis=0))


def _sums(layer: Any, chunk: Any) -> Any:
    """What the layer gives before its activation."""
    if isinstance(layer, keras.layers.Dense):
        return keras.ops.matmul(chunk, layer.kernel) + layer.bias
    return layer.convolution_op(chunk, layer.kernel) + layer.bias
