"""A model's weights in the order of its calls, read as float64 and written back in their own precision."""

from __future__ import annotations

from typing import Any, NamedTuple

import keras
import numpy as np

from components.models.weight_space.calls import Graph, graph_of
from components.models.weight_space.registry import Array, Arrays


class Weight(NamedTuple):
    """One variable: `statistic` for what is not trained but measured, such as the moving mean of a batch normalization."""

    name: str
    variable: Any
    statistic: bool

    @property
    def dtype(self) -> str:
        """Its precision, such as `float32`."""
        return str(self.variable.dtype)

    @property
    def is_float(self) -> bool:
        """Whether it can be averaged."""
        return bool(keras.backend.is_float_dtype(self.dtype))

    def read(self) -> Array:
        """Its values in float64."""
        return np.asarray(self.variable).astype(np.float64)

    def write(self, array: Array) -> None:
        """Sets its values, rounded to its own precision."""
        self.variable.assign(keras.ops.cast(array, self.dtype))


def weights_of(graph: Graph) -> list[Weight]:
    """Each variable once, in the order in which samples meet them, however often its layer is called."""
    found: dict[int, Weight] = {}
    for call in graph.calls:
        variables = call.weights
        if not variables:
            continue
        trained = {id(each) for layer in call.operation._flatten_layers() for each in layer._trainable_variables}
        for variable in variables:
            name = f"{call.name}/{variable.name}"
            found.setdefault(id(variable), Weight(name, variable, id(variable) not in trained))
    return list(found.values())


def read(graph: Graph) -> Arrays:
    """The values of all weights in float64."""
    return [weight.read() for weight in weights_of(graph)]


def write(graph: Graph, arrays: Arrays) -> None:
    """Sets all weights. Layers that derive something from theirs (`Normalization`) do so."""
    for weight, array in zip(weights_of(graph), arrays, strict=True):
        weight.write(array)
    for call in graph.calls:
        if hasattr(call.operation, "finalize_state"):
            call.operation.finalize_state()


def copy_of(model: keras.Model) -> keras.Model:
    """Another model of the same layers, names and weights, without optimizer and loss."""
    serialised = keras.saving.serialize_keras_object(model)
    serialised.pop("compile_config", None)
    copy: keras.Model = keras.saving.deserialize_keras_object(serialised, safe_mode=True)
    write(graph_of(copy), read(graph_of(model)))
    return copy
