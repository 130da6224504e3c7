"""The registry of rules, and the count of one call."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import keras

from components.models.flow import flow

Shape = Sequence[int | None]
Rule = Callable[[Any, Sequence[Shape], Sequence[Shape]], int]
"""From a layer, the shapes that flow in and those that flow out, without batch axes, to the operations of one sample."""

RULES: dict[str, Rule] = {}
"""By the name of a layer's or Keras operation's class; the two share a rule where they share a name."""


def rule(classes: str) -> Callable[[Rule], Rule]:
    """Registers a function as the rule of these classes, their names separated by spaces."""

    def register(function: Rule) -> Rule:
        RULES.update(dict.fromkeys(classes.split(), function))
        return function

    return register


def floating_point_operations(operation: Any, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> int:
    """The operations of one call of a layer, nested model or Keras operation on one sample."""
    if isinstance(operation, keras.Model):
        return sum(of_calls(step.operation, step.nodes) for step in flow(operation))
    return RULES.get(type(operation).__name__, one_each)(operation, inputs, outputs)


def of_calls(operation: Any, nodes: Sequence[Any]) -> int:
    """The operations of all these calls on one sample."""
    return sum(
        floating_point_operations(
            operation,
            [tensor.shape[1:] for tensor in node.input_tensors],
            [tensor.shape[1:] for tensor in node.output_tensors],
        )
        for node in nodes
    )


def numbers_in(shape: Shape) -> int:
    """How many numbers a tensor of this shape holds; an axis of any length counts as one."""
    return math.prod(axis or 1 for axis in shape)


def one_each(operation: Any, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> int:
    """One for each number that comes out."""
    return numbers_in(outputs[0])


def of_activation(function: Any, numbers: int) -> int:
    """What an activation function costs on this many numbers."""
    name = getattr(function, "__name__", "linear")
    return 0 if name == "linear" else 5 * numbers if "softmax" in name else numbers
