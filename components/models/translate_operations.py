"""An operation of TensorFlow within a Keras 2 model becomes one of `keras.ops`, by the table of `rules_operations`."""

from __future__ import annotations

from typing import Any

import numpy as np

from components.models.call_graph import references
from components.models.rules_operations import IDENTITIES, OPERATIONS, TRANSPOSED_PRODUCTS, Operation
from components.recipe import Refusal
from components.recipe.wording import shown


def operation(entry: dict[str, Any], layer: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """Today's entry for a `TFOpLambda` or `SlicingOpLambda`, and a note.

    `entry` is the file's entry, `layer` the same with a clean name and its calls translated.

    Raises:
        Refusal: when the operation, or one of its settings, is not in the table.
    """
    name = "__operators__.getitem" if entry["class_name"] == "SlicingOpLambda" else str(entry["config"].get("function"))
    name = name.removeprefix("compat.v1.")
    name = "math." + name.removeprefix("__operators__.") if name in _OPERATORS else name
    common = {"name": layer["name"], "registered_name": None, "inbound_nodes": layer["inbound_nodes"]}
    if name in IDENTITIES:
        calls = [{"args": call["args"][:1], "kwargs": {}} for call in layer["inbound_nodes"]]
        config = {"name": layer["name"]}
        return {
            **common,
            "module": "keras.layers",
            "class_name": "Identity",
            "config": config,
            "inbound_nodes": calls,
        }, "a copy of a tensor"
    if name not in OPERATIONS:
        raise Refusal(
            f"Layer {shown(layer['name'])} calls tf.{shown(name)}, which cannot be translated to keras.ops. "
            "Replace it with a layer of Keras and save the model again."
        )
    rule = OPERATIONS[name]
    calls, settings = [], []
    if rule.target == "numpy.Matmul" and layer["inbound_nodes"]:
        given = layer["inbound_nodes"][0]["kwargs"]
        flags = (bool(given.get("transpose_a")), bool(given.get("transpose_b")))
        rule = TRANSPOSED_PRODUCTS.get(flags, rule)._replace(harmless={"transpose_a": (flags[0],), "transpose_b": (flags[1],)})
    for call in layer["inbound_nodes"]:
        tensors, chosen = _split(rule, call, layer["name"])
        calls.append({"args": tensors, "kwargs": {}})
        settings.append(chosen)
    if any(chosen != settings[0] for chosen in settings):
        raise Refusal(
            f"Layer {shown(layer['name'])} is used with two different settings. Save the model again with one layer for each."
        )
    module, class_name = rule.target.split(".")
    translated = {
        **common,
        "module": "keras.layers" if module == "layers" else f"keras.src.ops.{module}",
        "class_name": class_name,
        "config": {**(settings[0] if settings else {}), "name": layer["name"]},
        "inbound_nodes": calls,
    }
    return translated, f"tf.{name} became keras.ops"


_OPERATORS = {f"__operators__.{name}" for name in ("add", "subtract", "multiply", "truediv", "pow", "floordiv")}


def _split(rule: Operation, call: dict[str, Any], place: str) -> tuple[list[Any], dict[str, Any]]:
    names = rule.tensors.split()
    given = {**dict(zip(names, call["args"], strict=False)), **call["kwargs"]}
    if "slice_spec" in given:
        given["slice_spec"] = _slices(given["slice_spec"])
    for key in _LISTS & given.keys():
        given[key] = given[key] if isinstance(given[key], list) else [given[key]]
    if missing := [name for name in names if name not in given]:
        raise Refusal(
            f"Layer {shown(place)} calls an operation of TensorFlow, and the file does not say on what ({', '.join(missing)}). "
            "Replace it with a layer of Keras and save the model again."
        )
    tensors = [given.pop(name) if name == "slice_spec" else _array(given.pop(name)) for name in names]
    settings = dict(rule.defaults)
    for key, value in given.items():
        if key in rule.settings and value is not None:
            today = rule.settings[key]
            settings[today] = rule.changes.get(today, _same)(value)
        elif key != "name" and value not in (None, False, *rule.harmless.get(key, ())):
            raise Refusal(
                f"Layer {shown(place)} sets {shown(key)}={shown(value, 24)} for an operation of TensorFlow, which cannot be "
                "translated to keras.ops. Replace it with a layer of Keras and save the model again."
            )
    return tensors, settings


_LISTS = {"values", "inputs"}
"""Arguments of TensorFlow that are lists of tensors, also where the list has one only."""


def _array(value: Any) -> Any:
    """Numbers in the place of a tensor."""
    if not isinstance(value, list) or next(references(value), None):
        return value
    return {"class_name": "__numpy__", "config": {"value": value, "dtype": _DTYPES[np.asarray(value).dtype.kind]}}


_DTYPES = {"b": "bool", "i": "int32", "f": "float32"}


def _same(value: Any) -> Any:
    return value


def _slices(value: Any) -> Any:
    """Slices as Keras 2 spells them, as Keras 3 does."""
    if isinstance(value, list):
        return [_slices(item) for item in value]
    if not isinstance(value, dict):
        return {"class_name": "__ellipsis__", "config": {}} if value == "..." else value
    if "items" in value:
        return [_slices(item) for item in value["items"]]
    if {"start", "stop", "step"} <= value.keys():
        return {"class_name": "__slice__", "config": {key: value[key] for key in ("start", "stop", "step")}}
    return {"class_name": "__ellipsis__", "config": {}} if value.get("class_name") == "__ellipsis__" else value
