"""Follows hidden units from layer to layer, by the rules of `trace_rules.py`."""

from __future__ import annotations

from typing import Any

import keras

from components.models.weight_space.axes import Axes, Traced
from components.models.weight_space.calls import Graph
from components.models.weight_space.trace_rules import RULES, cannot
from components.models.weight_space.weights import weights_of
from components.recipe.wording import shown


def trace(graph: Graph) -> Traced:
    """The axes along which the units of a model's hidden layers may change places.

    Raises:
        Refusal: when units cannot be followed through a layer; the sentence names it.
    """
    axes = Axes()
    flowing = {
        number: axes.new(_width(tensor), fixed=True)
        for call in graph.calls
        for number, tensor in zip(call.inputs, call.node.input_tensors, strict=True)
        if number in graph.inputs
    }
    for call in graph.calls:
        given = [flowing[number] for number in call.inputs]
        rule = RULES.get(type(call.operation).__name__) if isinstance(call.operation, keras.layers.Layer) else None
        if rule is not None:
            made = rule(axes, call, given)
            for variable in call.weights:
                if not axes.knows(variable):
                    raise cannot(call, f"which has a weight {shown(variable.name)} of its own kind")
        elif all(map(axes.is_fixed, given)) and not any(variable.trainable for variable in call.weights):
            # What prepares the inputs may do with them what it wants, since they stay where they are.
            made = axes.new(_width(call.node.output_tensors[0]), fixed=True)
        else:
            raise cannot(call, f"of the kind {type(call.operation).__name__}")
        flowing.update(dict.fromkeys(call.outputs, made))
    for number in graph.outputs:
        axes.fix(flowing[number])
    return axes.traced([weight.variable for weight in weights_of(graph)])


def _width(tensor: Any) -> int:
    return (tensor.shape[-1] or 1) if len(tensor.shape) > 1 else 1
