"""What the numbers that leave a model mean, followed from its inputs through every operation.

The last operation alone does not tell: an average of two softmax outputs is a softmax output. To let one more operation be
seen through, write a rule and name it in `RULES`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple

import keras

Kind = Literal["softmax", "sigmoid", "scores", "other"]
"""A distribution along the last axis, yes/no probabilities, numbers of any sign as a linear layer makes them, or else."""


class Meaning(NamedTuple):
    """What a tensor's numbers mean. `total` is what a distribution sums to, and the most that a probability can be."""

    kind: Kind
    total: float = 1.0

    @property
    def is_probability(self) -> bool:
        """Whether it is a distribution that sums to 1, or probabilities of up to 1."""
        return self.kind in ("softmax", "sigmoid") and abs(self.total - 1) < _ROUNDING


SCORES, OTHER = Meaning("scores"), Meaning("other")
_ROUNDING = 1e-4
"""Weights that sum to 1 may have been rounded on their way through a file."""
_SMALL = 1e-3
"""What is added to a divisor only to keep it from 0 is smaller."""

Rule = Callable[[Any, Any, Sequence[Meaning]], Meaning]
"""From an operation, its call (a node of Keras' graph) and what flows into it, to what flows out."""


def meanings(model: keras.Model, given: Sequence[Meaning] | None = None) -> list[Meaning]:
    """What each output of a model means; `given` is what its inputs mean, by default nothing in particular."""
    graph = model._functional if isinstance(model, keras.Sequential) else model
    known = dict(zip(map(id, graph.inputs), given or [OTHER] * len(graph.inputs), strict=True))
    for depth in sorted(graph._nodes_by_depth, reverse=True):
        for node in graph._nodes_by_depth[depth]:
            if node.input_tensors:
                flowing = [known[id(tensor)] for tensor in node.input_tensors]
                made = _made(node.operation, node, flowing)
                known.update(zip(map(id, node.output_tensors), made, strict=True))
    return [known[id(tensor)] for tensor in graph.outputs]


def _made(operation: Any, node: Any, given: Sequence[Meaning]) -> list[Meaning]:
    if isinstance(operation, keras.Model):
        return meanings(operation, given[: len(operation.inputs)])  # behind them come their masks
    if isinstance(operation, keras.layers.TimeDistributed):
        inner = operation.layer
        made = meanings(inner) if isinstance(inner, keras.Model) else [_by_activation(inner, node, given)]
    else:
        made = [RULES.get(type(operation).__name__, _by_activation)(operation, node, given)]
    return made * len(node.output_tensors) if len(made) == 1 else made


def _by_activation(operation: Any, node: Any, given: Sequence[Meaning]) -> Meaning:
    """A layer's activation tells. Without one, numbers that meant a probability lose their meaning."""
    function = getattr(operation, "activation", None)
    name = getattr(function, "__name__", None) or getattr(function, "name", None)
    if name in _ACTIVATIONS:
        return _ACTIVATIONS[name]
    if name not in (None, "linear"):
        return OTHER
    weightless = not getattr(operation, "weights", ())
    if weightless and name == "linear":
        return given[0]
    return OTHER if weightless and any(meaning.kind in ("softmax", "sigmoid") for meaning in given) else SCORES


def _same(operation: Any, node: Any, given: Sequence[Meaning]) -> Meaning:
    return given[0]


def _reshaped(operation: Any, node: Any, given: Sequence[Meaning]) -> Meaning:
    """A distribution lies along the last axis, which must stay as long as it was."""
    before, after = node.input_tensors[0].shape, node.output_tensors[0].shape
    return OTHER if given[0].kind == "softmax" and before[-1] != after[-1] else given[0]


def _some(operation: Any, node: Any, given: Sequence[Meaning]) -> Meaning:
    """Some of a distribution's probabilities are yes/no probabilities each."""
    before, after = node.input_tensors[0].shape, node.output_tensors[0].shape
    return given[0]._replace(kind="sigmoid") if given[0].kind == "softmax" and before[-1] != after[-1] else given[0]


def _alike(given: Sequence[Meaning], total: float) -> Meaning:
    """Several of one kind, merged number by number."""
    kinds = {meaning.kind for meaning in given}
    return Meaning(given[0].kind, total) if len(kinds) == 1 else OTHER


def _averaged(operation: Any, node: Any, given: Sequence[Meaning]) -> Meaning:
    if len(given) == 1:
        return _reshaped(operation, node, given)
    return _alike(given, sum(meaning.total for meaning in given) / len(given))


def _added(operation: Any, node: Any, given: Sequence[Meaning]) -> Meaning:
    """Parts of a weighted average: their weights sum up. A number that is added shifts a score and ends a probability."""
    if len(given) == 1:
        return given[0] if given[0].kind == "scores" else OTHER
    return _alike(given, sum(meaning.total for meaning in given))


def _largest(operation: Any, node: Any, given: Sequence[Meaning]) -> Meaning:
    merged = _alike(given, max(meaning.total for meaning in given))
    return OTHER if merged.kind == "softmax" else merged


def _joined(operation: Any, node: Any, given: Sequence[Meaning]) -> Meaning:
    """A probability beside its complement is a distribution over two classes; distributions side by side are none."""
    if len(given) == 2 and node.output_tensors[0].shape[-1] == 2 and given[1] == Meaning("sigmoid"):
        first, second = node.input_tensors
        source = first._keras_history
        if _complements(source.operation) and source.operation._inbound_nodes[source.node_index].input_tensors[0] is second:
            return Meaning("softmax")
    return _largest(operation, node, given)


def _stacked(operation: Any, node: Any, given: Sequence[Meaning]) -> Meaning:
    merged = _alike(given, max(meaning.total for meaning in given))
    is_last = operation.axis in (-1, len(node.output_tensors[0].shape) - 1)
    return OTHER if merged.kind == "softmax" and is_last else merged


def _weighted(operation: Any, node: Any, given: Sequence[Meaning]) -> Meaning:
    """Weights that sum to 1, times a stack of what they weigh."""
    weights, stack = given
    shapes = [tensor.shape for tensor in node.input_tensors]
    convex = (
        weights == Meaning("softmax") and [len(shape) for shape in shapes] == [2, 3] and operation.axes in (1, (1, 1), [1, 1])
    )
    return stack if convex else _by_activation(operation, node, given)


def _chosen(operation: Any, node: Any, given: Sequence[Meaning]) -> Meaning:
    """One of two tensors, number by number; a distribution stays one where a whole row comes from one of them."""
    if len(given) != 3 or given[1] != given[2]:
        return OTHER
    condition, *_, either = (tensor.shape for tensor in node.input_tensors)
    return OTHER if given[1].kind == "softmax" and len(condition) == len(either) and condition[-1] != 1 else given[1]


def _rescaled(operation: Any, node: Any, given: Sequence[Meaning]) -> Meaning:
    if _complements(operation) and given[0] == Meaning("sigmoid"):
        return given[0]
    scale, offset = operation.scale, operation.offset
    if isinstance(scale, (int, float)) and offset == 0:
        return _times(given[0], scale)
    return given[0] if given[0].kind == "scores" else OTHER


def _complements(operation: Any) -> bool:
    return isinstance(operation, keras.layers.Rescaling) and (operation.scale, operation.offset) == (-1.0, 1.0)


def _times(meaning: Meaning, factor: float) -> Meaning:
    if meaning.kind == "scores":
        return meaning
    return meaning._replace(total=meaning.total * factor) if factor >= 0 else OTHER


def _multiplied(operation: Any, node: Any, given: Sequence[Meaning]) -> Meaning:
    numbers = _numbers(node)
    return _times(given[0], numbers[0]) if numbers else _by_activation(operation, node, given)


def _divided(operation: Any, node: Any, given: Sequence[Meaning]) -> Meaning:
    numbers = _numbers(node)
    if numbers and numbers[0] and node.arguments.args[0] is node.input_tensors[0]:
        return _times(given[0], 1 / numbers[0])
    if len(given) == 2 and given[0].kind in ("softmax", "sigmoid") and _is_sum(node.input_tensors[1], node.input_tensors[0]):
        return Meaning("softmax")
    return _by_activation(operation, node, given)


def _is_sum(tensor: Any, of: Any) -> bool:
    """Whether a tensor is the other's sum along its last axis, with or without a small number that keeps it from 0."""
    node = _origin(tensor)
    if type(node.operation).__name__ == "Add" and any(0 < number < _SMALL for number in _numbers(node)):
        node = _origin(node.input_tensors[0])
    operation = node.operation
    if type(operation).__name__ != "Sum" or not operation.keepdims:
        return False
    return operation.axis in (-1, (-1,), [-1]) and node.input_tensors[0] is of


def _origin(tensor: Any) -> Any:
    history = tensor._keras_history
    return history.operation._inbound_nodes[history.node_index]


def _numbers(node: Any) -> list[float]:
    """The plain numbers among a call's arguments."""
    return [argument for argument in node.arguments.args if isinstance(argument, (int, float))]


def _always(meaning: Meaning) -> Rule:
    return lambda operation, node, given: meaning


_ACTIVATIONS = {"softmax": Meaning("softmax"), "sigmoid": Meaning("sigmoid"), "log_softmax": SCORES}

RULES: dict[str, Rule] = {
    **dict.fromkeys(
        (
            *("ActivityRegularization", "AlphaDropout", "Dropout", "GaussianDropout", "GaussianNoise", "Identity"),
            *("SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D", "Cast", "Clip", "Copy", "SaturateCast"),
            *("StopGradient", "GlobalAveragePooling1D", "GlobalAveragePooling2D", "GlobalAveragePooling3D"),
        ),
        _same,
    ),
    **dict.fromkeys(("ExpandDims", "Flatten", "Mean", "Reshape", "Squeeze"), _reshaped),
    **dict.fromkeys(("GetItem", "Slice"), _some),
    **dict.fromkeys(("Maximum", "Minimum"), _largest),
    **dict.fromkeys(("Divide", "TrueDivide"), _divided),
    **dict.fromkeys(("Bidirectional", "ELU", "Exp", "LeakyReLU", "PReLU", "ReLU", "Relu", "Square", "Tanh"), _always(OTHER)),
    **dict.fromkeys(("Log", "LogSoftmax"), _always(SCORES)),
    "Add": _added,
    "Average": _averaged,
    "Concatenate": _joined,
    "Dot": _weighted,
    "Multiply": _multiplied,
    "Rescaling": _rescaled,
    "Sigmoid": _always(Meaning("sigmoid")),
    "Softmax": _always(Meaning("softmax")),
    "Stack": _stacked,
    "Where": _chosen,
}
"""By the name of the layer's or operation's class."""
