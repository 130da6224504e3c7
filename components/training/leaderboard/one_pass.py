"""Fusion graphs computed on arrays, with every part that two graphs share computed once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from components.data.columns import Array
from components.fusion.operators import OPERATORS
from components.recipe import AdapterNode, FusionGraph, InputNode, MemberNode, OperatorNode, OutputNode, Refusal, source
from components.training.alone import predict

Key = tuple[Any, ...]
"""What a value was made from: its operator or member, the options, and the keys of what flowed in."""


class OnePass:
    """The members' predictions for some samples, and whatever operators make of them.

    A member is run once for each way in which it is fed, whatever the number of graphs.
    """

    def __init__(self, models: Mapping[str, keras.Model], inputs: Mapping[str, Array]) -> None:
        """Of `models` by the members' names and the dataset's `inputs` by theirs."""
        self._models, self._inputs = models, inputs
        self._made: dict[Key, list[Array]] = {}

    def outputs(self, graph: FusionGraph) -> list[Array]:
        """What the graph's outputs give for all samples.

        Raises:
            Refusal: when the graph takes features or has an operator with weights: those are not known without a build.
        """
        keys: dict[str, Key] = {}
        outputs = []
        for node in graph.nodes:
            feed = [(keys[id], port) for id, port in map(source, node.inputs)]
            if isinstance(node, OutputNode):
                [(key, port)] = feed
                outputs.append(self._made[key][port])
                continue
            keys[node.id] = _key(node, feed)
            if keys[node.id] not in self._made:
                self._made[keys[node.id]] = self._compute(node, [self._made[key][port] for key, port in feed])
        return outputs

    def _compute(self, node: InputNode | MemberNode | OperatorNode | AdapterNode, feed: list[Array]) -> list[Array]:
        match node:
            case InputNode():
                return [self._inputs[node.binding]]
            case MemberNode():
                if node.part != "prediction":
                    raise Refusal(f"{node.member} gives features here, and without training only predictions can be joined.")
                return predict(self._models[node.member], feed)
            case _:
                return [_apply(node, feed)]


def _key(node: InputNode | MemberNode | OperatorNode | AdapterNode, feed: list[tuple[Key, int]]) -> Key:
    match node:
        case InputNode():
            return ("input", node.binding)
        case MemberNode():
            return ("member", node.member, node.part, *feed)
        case _:
            return (node.operator, json.dumps(node.options, sort_keys=True), *feed)


def _apply(node: OperatorNode | AdapterNode, feed: list[Array]) -> Array:
    tensors = [keras.Input(array.shape[1:], dtype=str(array.dtype)) for array in feed]
    model = keras.Model(tensors, OPERATORS[node.operator].apply(tensors, node.options, node.id))
    if model.trainable_weights:
        raise Refusal(f"{OPERATORS[node.operator].title} has weights of its own, which only training can set.")
    return np.asarray(model([np.asarray(array) for array in feed], training=False))
