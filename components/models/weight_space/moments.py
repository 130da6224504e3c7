"""The moving statistics of batch normalization, measured anew: a merged model's differ from the mean of its members'."""

from __future__ import annotations

import keras
import numpy as np

from components.models.weight_space.calls import Call, Chunks, Graph


def normalizations(graph: Graph) -> list[str]:
    """The names of the layers whose moving statistics can be measured."""
    return list(dict.fromkeys(call.name for call in graph.calls if isinstance(call.operation, keras.layers.BatchNormalization)))


def measure(call: Call, given: list[Chunks]) -> None:
    """Sets a layer's moving mean and variance to the exact moments of what flows into it.

    To be shown each call of a model while samples flow through: what a later layer sees then went through earlier ones that
    are measured already (Izmailov et al., 2018). A layer that is called more than once is measured at its last call.
    """
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
