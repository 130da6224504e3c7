"""Where each member's branch ends: the tensors that go on to other members, to an operator, or out of the model."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import keras

from components.gradients.flow import functional_graph


def branch_ends(model: keras.Model, members: Collection[str], operators: Collection[str]) -> list[tuple[str, Any]]:
    """Each member with a tensor at the end of its branch; adapters behind a member belong to its branch.

    Args:
        model: A functional model in which each member is a sub-model of its name.
        members: The members' names.
        operators: The names of fusion operators, whose layers are called `<operator>` or `<operator>.…`.
    """
    graph: Any = functional_graph(model)
    owner: dict[int, str] = {}
    tensors: dict[int, Any] = {}
    ends: dict[int, str] = {}
    for depth in sorted(graph._nodes_by_depth, reverse=True):
        for node in graph._nodes_by_depth[depth]:
            name = node.operation.name
            before = {owner.get(id(tensor)) for tensor in node.input_tensors}
            branch = name if name in members else _only_member(before)
            if branch != name and name.partition(".")[0] in operators:
                branch = None
            if branch is None or branch == name:
                ends.update((id(tensor), owner[id(tensor)]) for tensor in node.input_tensors if id(tensor) in owner)
            if branch is not None:
                owner.update((id(tensor), branch) for tensor in node.outputs)
                tensors.update((id(tensor), tensor) for tensor in node.outputs)
    ends.update((id(tensor), owner[id(tensor)]) for tensor in model.outputs if id(tensor) in owner)
    return [(member, tensors[key]) for key, member in ends.items()]


def _only_member(owners: set[str | None]) -> str | None:
    """The one member on which tensors depend; None for several, or where something else flows in."""
    return next(iter(owners)) if len(owners) == 1 else None
