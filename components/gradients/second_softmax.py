"""A softmax over what is a softmax already: it flattens every prediction, and the gradient with it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import keras

from components.gradients.flow import functional_graph
from components.models.meaning import meanings
from components.recipe.wording import shown


def second_softmaxes(model: keras.Model) -> tuple[str, ...]:
    """A sentence for each softmax without weights of its own that is fed probabilities, in nested models too.

    Of K classes none can pass e / (e + K − 1): 0.731 of 2, 0.576 of 3, 0.232 of 10.
    """
    return tuple(
        f"{shown(node.operation.name)} takes the softmax of what is a softmax already: none of {classes} classes can get above "
        f"{math.e / (math.e + classes - 1):.3f}."
        for graph, node in _softmaxes(functional_graph(model))
        if (classes := node.outputs[0].shape[-1]) and _is_softmax(graph, node.input_tensors[0])
    )


def _softmaxes(graph: Any) -> Iterator[tuple[Any, Any]]:
    """Each call of a bare softmax, with the graph that it is a part of."""
    for nodes in graph._nodes_by_depth.values() if graph is not None else ():
        for node in nodes:
            yield from _softmaxes(functional_graph(node.operation))
            activation = getattr(node.operation, "activation", None)
            bare = isinstance(node.operation, keras.layers.Activation) and activation is keras.activations.softmax
            if bare or type(node.operation).__name__ == "Softmax":
                yield graph, node


def _is_softmax(graph: Any, tensor: Any) -> bool:
    if any(tensor is given for given in graph.inputs):
        return False
    [meaning] = meanings(keras.Model(graph.inputs, tensor))
    return meaning.kind == "softmax" and meaning.is_probability
