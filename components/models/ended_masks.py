"""Layers at which a mask ended in Keras 2, while today's hand it on.

A copy behind each of them ends it, since no operation of `keras.ops` carries a mask.
"""

from __future__ import annotations

from typing import Any

from components.models.allowed import MODELS
from components.models.call_graph import history, reference

ENDING = frozenset({"Identity", "Normalization", "Rescaling"})
COPY = {"module": "keras.src.ops.numpy", "class_name": "Copy", "registered_name": None}


def end_masks(configuration: dict[str, Any]) -> dict[str, Any]:
    """The translated configuration of a model by Keras 2 with its masks ended, where any of its layers makes one.

    A `Sequential` takes no operations, so one in which a mask ends becomes a graph of the same layers.
    """
    return _ended(configuration) if _makes_masks(configuration) else configuration


def _makes_masks(value: Any) -> bool:
    if isinstance(value, list):
        return any(map(_makes_masks, value))
    if not isinstance(value, dict):
        return False
    return value.get("class_name") == "Masking" or bool(value.get("mask_zero")) or any(map(_makes_masks, value.values()))


def _ended(value: Any) -> Any:
    if isinstance(value, list):
        return [_ended(item) for item in value]
    if not isinstance(value, dict):
        return value
    value = {key: _ended(item) for key, item in value.items()}
    match value:
        case {"class_name": str(name), "config": {"layers": [first, *_] as layers}} if name in MODELS:
            ends = [layer for layer in layers if layer["class_name"] in ENDING]
            if ends and name == "Sequential" and first["class_name"] == "InputLayer":
                value = {**value, "class_name": "Functional", "config": _graph(value["config"])}
            if ends and value["class_name"] == "Functional":
                value["config"] = _with_copies(value["config"])
    return value


def _graph(row: dict[str, Any]) -> dict[str, Any]:
    """The settings of a functional model that calls these layers one after the other."""
    names = [layer["config"]["name"] for layer in row["layers"]]
    calls: list[list[dict[str, Any]]] = [[], *([_call(name, 0)] for name in names[:-1])]
    layers = [
        {**layer, "name": name, "inbound_nodes": nodes} for layer, name, nodes in zip(row["layers"], names, calls, strict=True)
    ]
    return {**row, "layers": layers, "input_layers": reference(names[0], 0, 0), "output_layers": reference(names[-1], 0, 0)}


def _with_copies(graph: dict[str, Any]) -> dict[str, Any]:
    taken = {layer["name"] for layer in graph["layers"]}
    copies: dict[str, str] = {}
    for layer in graph["layers"]:
        if layer["class_name"] in ENDING:
            copies[layer["name"]] = copy = _free(f"{layer['name']}_without_mask", taken)
            taken.add(copy)
    layers = []
    for layer in graph["layers"]:
        layers.append({**layer, "inbound_nodes": _moved(layer["inbound_nodes"], copies)})
        if layer["name"] in copies:
            name = copies[layer["name"]]
            nodes = [_call(layer["name"], number) for number in range(len(layer["inbound_nodes"]))]
            layers.append({**COPY, "config": {"name": name}, "name": name, "inbound_nodes": nodes})
    return {**graph, "layers": layers, "output_layers": _moved(graph["output_layers"], copies)}


def _moved(value: Any, copies: dict[str, str]) -> Any:
    """Arguments with every reference to a layer led to the copy behind it."""
    if isinstance(value, list):
        return [_moved(item, copies) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("class_name") == "__keras_tensor__":
        name, call, output = history(value)
        return reference(copies.get(name, name), call, output)
    return {key: _moved(item, copies) for key, item in value.items()}


def _call(name: str, number: int) -> dict[str, Any]:
    return {"args": [reference(name, number, 0)], "kwargs": {}}


def _free(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "_1"
    return name
