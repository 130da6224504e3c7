"""A fusion graph's nodes as calls of Keras over its members' branches."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import keras

from components.fusion.branch import one_or_all
from components.fusion.operators import OPERATORS
from components.fusion.usage import Use, cut_of
from components.recipe import AdapterNode, FusionGraph, InputNode, MemberNode, OperatorNode, OutputNode, Recipe, source


class Wiring:
    """Wires a graph over branches; `inputs` are the Keras inputs that came of it, in the order of the graph.

    `taken` says what each branch gives: features at its cuts, and behind them its predictions.
    """

    def __init__(self, branches: Mapping[str, keras.Model], taken: Mapping[str, Use]) -> None:
        self.inputs: list[Any] = []
        self._branches, self._taken = branches, taken
        self._calls: dict[tuple[Any, ...], list[Any]] = {}

    def wire(self, recipe: Recipe, graph: FusionGraph) -> list[Any]:
        """The tensors that flow into the graph's outputs, in their order."""
        tensors: dict[str, list[Any]] = {}
        outputs: list[Any] = []
        for node in graph.nodes:
            feed = [tensors[id][port] for id, port in map(source, node.inputs)]
            match node:
                case InputNode():
                    tensors[node.id] = [self._take(node)]
                case MemberNode():
                    tensors[node.id] = self._call(recipe, node, feed)
                case OperatorNode() | AdapterNode():
                    tensors[node.id] = [self._operate(node, feed)]
                case OutputNode():
                    outputs += feed
        return outputs

    def _take(self, node: InputNode) -> Any:
        self.inputs.append(keras.Input(node.shape, dtype=node.dtype, name=node.id))
        return self.inputs[-1]

    def _call(self, recipe: Recipe, node: MemberNode, feed: Sequence[Any]) -> list[Any]:
        """What a node takes of its member, which is called once for each way in which it is fed."""
        call = (node.member, *map(id, feed))
        if call not in self._calls:
            given = self._branches[node.member](one_or_all(feed))
            self._calls[call] = list(given) if isinstance(given, list | tuple) else [given]
        cuts, cut = self._taken[node.member].cuts, cut_of(recipe, node)
        return self._calls[call][len(cuts) :] if cut is None else [self._calls[call][cuts.index(cut)]]

    def _operate(self, node: OperatorNode | AdapterNode, feed: Sequence[Any]) -> Any:
        made = OPERATORS[node.operator].apply(feed, node.options, node.id)
        _name_operations(made, feed, node.id)
        return made


def _name_operations(tensor: Any, feed: Sequence[Any], node: str) -> None:
    """Calls the operations of a node that are no layers `<node>.<operation>-<number>`.

    Keras counts them over the whole process, which says neither whose they are nor the same twice.
    """
    found = [each for each in dict.fromkeys(_between(feed, tensor)) if not isinstance(each, keras.Layer)]
    for number, operation in enumerate(found, start=1):
        operation.name = f"{node}.{re.sub(r'_[0-9]+$', '', operation.name)}-{number}"


def _between(feed: Sequence[Any], tensor: Any) -> Iterator[Any]:
    """The operations that lead from some tensors to one, each after those that lead to it."""
    if any(tensor is each for each in feed):
        return
    operation, index, _ = tensor._keras_history
    for each in operation._inbound_nodes[index].input_tensors:
        yield from _between(feed, each)
    yield operation
