"""What feeds what in a model, nested models unfolded."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import keras


def _never(_: Any) -> bool:
    return False


class Flow:
    """The operations of a functional model and the edges between them, as if nested models had been written out.

    Operations (layers and `keras.ops` alike) are told apart by identity; a layer that is called twice is one operation.
    A model without a functional graph has no operations here.
    """

    def __init__(self, model: keras.Model) -> None:
        self._operations: dict[int, Any] = {}
        self._after: dict[int, set[int]] = {}
        self._outputs: set[int] = set()
        graph = functional_graph(model)
        if graph is not None:
            self._outputs.update(*self._unfold(graph, [set() for _ in graph.inputs]))

    def __contains__(self, operation: Any) -> bool:
        return id(operation) in self._operations

    def consumers(self, operation: Any) -> list[Any]:
        """The operations that take what this one gives."""
        return [self._operations[key] for key in self._after[id(operation)]]

    def downstream(self, operation: Any, stop: Callable[[Any], bool] = _never) -> list[Any]:
        """All operations that this one leads to; nothing beyond an operation for which `stop` is true."""
        reached: set[int] = set()
        edge = {id(operation)}
        while edge:
            edge = {key for at in edge if not stop(self._operations[at]) for key in self._after[at]} - reached
            reached |= edge
        return [self._operations[key] for key in reached]

    def reaches_output(self, operation: Any, stop: Callable[[Any], bool] = _never) -> bool:
        """Whether a path leads from the operation to an output of the model without one for which `stop` is true."""
        if stop is _never:
            return id(operation) in self._leading_out
        ends = [operation, *self.downstream(operation, stop)]
        return any(id(end) in self._outputs and not stop(end) for end in ends)

    @cached_property
    def _leading_out(self) -> set[int]:
        """All operations from which a path leads to an output; found once, since every layer is asked for it."""
        before: dict[int, set[int]] = {}
        for giver, takers in self._after.items():
            for taker in takers:
                before.setdefault(taker, set()).add(giver)
        reached: set[int] = set()
        edge = self._outputs & self._after.keys()
        while edge:
            reached |= edge
            edge = set().union(*(before.get(at, set()) for at in edge)) - reached
        return reached

    def _unfold(self, graph: Any, feeding: list[set[int]]) -> list[set[int]]:
        """Adds a graph's operations; takes the producers of each of its inputs and gives those of each of its outputs."""
        producers = {id(tensor): before for tensor, before in zip(graph.inputs, feeding, strict=True)}
        for depth in sorted(graph._nodes_by_depth, reverse=True):
            for node in graph._nodes_by_depth[depth]:
                if node.is_input:
                    continue
                before = [producers[id(tensor)] for tensor in node.input_tensors]
                inner = functional_graph(node.operation)
                made = self._unfold(inner, before) if inner is not None else self._add(node, before)
                producers.update(zip(map(id, node.outputs), made, strict=True))
        return [producers[id(tensor)] for tensor in graph.outputs]

    def _add(self, node: Any, before: list[set[int]]) -> list[set[int]]:
        operation = node.operation
        self._operations[id(operation)] = operation
        self._after.setdefault(id(operation), set())
        for producer in set().union(*before):
            self._after[producer].add(id(operation))
        return [{id(operation)} for _ in node.outputs]


def functional_graph(operation: Any) -> Any | None:
    """The functional graph of a model; None for any other operation."""
    if isinstance(operation, keras.Sequential):
        return operation._functional
    return operation if hasattr(operation, "_nodes_by_depth") else None
