"""The moving statistics of batch normalization, measured anew: a merged model's differ from the mean of its members'."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from components.models.weight_space.calls import Call, Chunks, Graph, most_samples, run
from components.models.weight_space.samples import evenly


def normalizations(graph: Graph) -> list[str]:
    """The names of the layers whose moving statistics can be measured."""
    return list(dict.fromkeys(call.name for call in graph.calls if isinstance(call.operation, keras.layers.BatchNormalization)))


def re_estimate(graph: Graph, inputs: Sequence[npt.NDArray[Any]]) -> int:
    """Sets every moving mean and variance to the exact moments over samples, one layer after the other.

    What a later layer sees thus went through earlier ones that are measured already (Izmailov et al., 2018). A layer that is
    called more than once is measured at its last call.

    Args:
        graph: The model; changed in place.
        inputs: Arrays of shape (n, …) in the order of its inputs, without target. Where all of them would take too much
            memory, evenly spaced ones are taken.

    Returns:
        How many samples were taken.
    """
    chosen = evenly(inputs, most_samples(graph))
    run(graph, chosen, _measure)
    return len(chosen[0])


def _measure(call: Call, given: list[Chunks]) -> None:
    layer = call.operation
    if not isinstance(layer, keras.layers.BatchNormalization):
        return
    (chunks,) = given
    arrays = [np.moveaxis(np.asarray(chunk), layer.axis, -1).reshape(-1, chunk.shape[layer.axis]) for chunk in chunks]
    count = sum(len(array) for array in arrays)
    mean = sum(array.sum(axis=0, dtype=np.float64) for array in arrays) / count
    variance = sum(np.square(array - mean).sum(axis=0, dtype=np.float64) for array in arrays) / count
    layer.moving_mean.assign(keras.ops.cast(mean, layer.moving_mean.dtype))
    layer.moving_variance.assign(keras.ops.cast(variance, layer.moving_variance.dtype))
