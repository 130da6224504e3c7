"""The calls between layers, from each spelling that Keras has used to today's; see `components.models.call_graph`."""

from __future__ import annotations

from typing import Any

from components.models.allowed import MERGING, MODELS, RECURRENT
from components.models.call_graph import history, reference
from components.models.rules_classes import CLASS_NAMES
from components.recipe import Refusal
from components.recipe.wording import shown


class Calls:
    """Translates the calls of one functional model.

    Keras 2 counts a nested model's own construction as its call 0, so that its first call within the outer model is call 1;
    Keras 3 does so in the list of outputs only, and for functional models only.
    """

    def __init__(self, entries: list[dict[str, Any]], names: dict[str, str]) -> None:
        self._names = names
        self._old = any(isinstance(node, list) for entry in entries for node in entry.get("inbound_nodes") or [])
        nested = MODELS if self._old else {"Functional"}
        self._calls = {
            entry.get("name") or entry["config"]["name"]: len(entry.get("inbound_nodes") or [])
            for entry in entries
            if CLASS_NAMES.get(entry["class_name"], entry["class_name"]) in nested
        }

    def call(self, node: Any, class_name: str) -> dict[str, Any]:
        """One call of a layer of this class."""
        if isinstance(node, dict):
            return {"args": self._today(node["args"]), "kwargs": self._today(node["kwargs"])}
        return self._call_of_keras_2(node, class_name)

    def ends(self, tensors: Any) -> Any:
        """The model's inputs or outputs: one reference or a list of them. Names of inputs in a dictionary are left out."""
        if _is_reference(tensors):
            return self._reference(tensors, True)
        items = list(tensors.values()) if isinstance(tensors, dict) else tensors
        translated = [self.ends(item) for item in items]
        return translated[0] if len(translated) == 1 else translated

    def _reference(self, tensor: list[Any], counts_construction: bool) -> dict[str, Any]:
        name, call, output = tensor[:3]
        if name not in self._names:
            raise Refusal(
                f"The model's layers take an output of {shown(name)}, which is not one of them. Save the model again."
            )
        if counts_construction and call > 0 and name in self._calls:
            call -= 1
        return reference(self._names[name], call, output)

    def _today(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._today(item) for item in value]
        if not isinstance(value, dict):
            return value
        if value.get("class_name") == "__keras_tensor__":
            return self._reference(list(history(value)), False)
        return {key: self._today(item) for key, item in value.items()}

    def _call_of_keras_2(self, node: list[Any], class_name: str) -> dict[str, Any]:
        tensors = [node] if _is_reference(node) else node
        settings: dict[str, Any] = next(
            (tensor[3] for tensor in tensors if _is_reference(tensor) and len(tensor) > 3 and tensor[3]), {}
        )
        keywords = {
            key: self._keras_2_value(value)
            for key, value in settings.items()
            if value is not None or key not in ("mask", "training", "initial_state", "constants")
        }
        arguments = [self._keras_2_value(tensor) for tensor in tensors]
        if class_name in RECURRENT and len(arguments) > 1:
            keywords["initial_state"] = arguments[1:]
            arguments = arguments[:1]
        single = len(arguments) == 1 and class_name not in MERGING
        return {"args": arguments if single else [arguments], "kwargs": keywords}

    def _keras_2_value(self, value: Any) -> Any:
        if _is_reference(value):
            if value[0] == "_CONSTANT_VALUE":
                return value[2]
            return self._reference(value, True) if value[0] in self._names else value
        if isinstance(value, list):
            return [self._keras_2_value(item) for item in value]
        if isinstance(value, dict):
            return {key: self._keras_2_value(item) for key, item in value.items()}
        return value


def _is_reference(value: Any) -> bool:
    match value:
        case [str(), int(), int()] | [str(), int(), int(), dict()]:
            return True
        case ["_CONSTANT_VALUE", int(), _] | ["_CONSTANT_VALUE", int(), _, dict()]:
            return True
    return False
