"""What stands between two members and narrows the gradient on its way from one to the other."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import keras

from components.gradients.causes import operation
from components.gradients.flow import Flow
from components.gradients.owners import Owner

SATURATING = ("softmax", "sigmoid", "tanh")
"""Activations whose slope is all but zero where they are sure of themselves."""


def bottleneck(flow: Flow, owners: Iterable[Owner], weak: str, strong: str) -> str:
    """Says which saturating activation the weak member's output passes before the strong member takes it; empty for none."""
    branches: dict[str | None, list[Any]] = {}
    for owner in owners:
        branches.setdefault(owner.member, []).append(operation(owner, flow))
    inside, target = [[each for each in branches[member] if each is not None] for member in (weak, strong)]
    ends = {id(each) for each in target}
    if not inside or not target:
        return ""
    last = inside[-1]
    between = [last, *(each for each in flow.downstream(last, lambda each: id(each) in ends) if _leads_to(flow, each, ends))]
    found = [name for name in SATURATING if any(_activation(each) == name for each in between if id(each) not in ends)]
    return f"the {found[0]} between them is a bottleneck" if found and len(between) > 1 else ""


def _leads_to(flow: Flow, each: Any, ends: set[int]) -> bool:
    return id(each) in ends or any(id(after) in ends for after in flow.downstream(each))


def _activation(each: Any) -> str:
    if isinstance(each, keras.layers.Softmax):
        return "softmax"
    activation = getattr(each, "activation", None)
    return getattr(activation, "__name__", type(each).__name__.lower())
