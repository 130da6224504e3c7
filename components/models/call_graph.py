"""The calls between the layers of a functional model, on its plain configuration: who is called when, and on what.

A tensor is referred to by `{"class_name": "__keras_tensor__", "config": {"keras_history": [layer, call, output]}}`, where call
and output count from 0. A layer is called once for each of its `inbound_nodes`; an input layer counts as one call.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any

from components.recipe import Refusal
from components.recipe.wording import shown

Call = tuple[str, int]
"""A layer's name and the number of the call."""


def reference(layer: str, call: int, output: int) -> dict[str, Any]:
    """How a configuration refers to an output of a layer's call."""
    return {"class_name": "__keras_tensor__", "config": {"keras_history": [layer, call, output]}}


def history(value: dict[str, Any]) -> tuple[str, int, int]:
    """Layer, call and output of a reference.

    Raises:
        Refusal: when it is not written as Keras writes it.
    """
    match value.get("config"):
        case {"keras_history": [str(layer), int(call), int(output)]} if call >= 0 and output >= 0:
            return layer, call, output
    raise Refusal("The model's layers are not connected as Keras connects them. Save the model again.", shown(value, 200))


def references(value: Any) -> Iterator[tuple[str, int, int]]:
    """All references inside arguments, however nested."""
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            if item.get("class_name") == "__keras_tensor__":
                yield history(item)
            else:
                stack.extend(item.values())
        elif isinstance(item, list):
            stack.extend(item)


def order_of_calls(layers: list[dict[str, Any]]) -> list[Call]:
    """All calls of a functional model's layers, each after those whose outputs it takes.

    Raises:
        Refusal: when two layers share a name, a call refers to a layer or call that does not exist, or the calls form a loop.
    """
    names = [layer["name"] for layer in layers]
    if len(set(names)) < len(names):
        repeated = next(name for index, name in enumerate(names) if name in names[:index])
        raise Refusal(f"Two layers of the model are named {shown(repeated)}; rename one in Keras and save the model again.")
    needs: dict[Call, set[Call]] = {}
    for layer in layers:
        calls = layer["inbound_nodes"] or [[]]
        for index, arguments in enumerate(calls):
            needs[layer["name"], index] = {(name, call) for name, call, _ in references(arguments)}
    for call, needed in needs.items():
        for other in needed - needs.keys():
            raise Refusal(
                f"Layer {shown(call[0])} takes an output of {shown(other[0])} that does not exist. Save the model again.",
                f"call {other[1]}",
            )
    followers: dict[Call, list[Call]] = {call: [] for call in needs}
    for call, needed in needs.items():
        for other in needed:
            followers[other].append(call)
    waiting = {call: len(needed) for call, needed in needs.items()}
    ready, order = deque(call for call, count in waiting.items() if not count), []
    while ready:
        order.append(call := ready.popleft())
        for follower in followers[call]:
            waiting[follower] -= 1
            if not waiting[follower]:
                ready.append(follower)
    if len(order) < len(needs):
        looped = next(call for call in needs if waiting[call])
        raise Refusal(f"The model's layers form a loop at {shown(looped[0])}, so it cannot be computed. Save the model again.")
    return order
