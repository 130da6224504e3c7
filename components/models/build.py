"""From a scanned configuration to a `keras.Model`, with the constructors of allowed classes and nothing else."""

from __future__ import annotations

import copy
import importlib
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras.src.backend.common import global_state
from keras.src.saving.serialization_lib import SafeModeScope

from components.models import allowed
from components.models.call_graph import history, order_of_calls
from components.models.unknown_settings import is_unknown
from components.recipe import Refusal
from components.recipe.wording import shown

Call = Callable[[Any, list[Any], dict[str, Any]], Any]
"""How a layer is called on its arguments."""


def call_plainly(layer: Any, positional: list[Any], keywords: dict[str, Any]) -> Any:
    """Calls a layer as today's Keras does."""
    return layer(*positional, **keywords)


def build(configuration: dict[str, Any], call: Call = call_plainly) -> keras.Model:
    """Builds the model that a scanned configuration describes, with fresh weights; `call` calls its layers.

    Raises:
        Refusal: when a layer does not take its settings or its inputs; the sentence names the layer.
    """
    _reserve_names(configuration)
    with SafeModeScope(True):
        return _model(configuration, "", call)


def _reserve_names(value: Any) -> None:
    """Keeps the names of the configuration from the operations that Keras adds and names by itself, such as those on masks."""
    taken = global_state.get_global_attribute("object_name_uids", default=defaultdict(int), set_to_default=True)
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            if isinstance(name := item.get("name"), str):
                stem, _, number = name.rpartition("_")
                if not (stem and number.isdecimal()):
                    stem, number = name, "0"
                taken[stem] = max(taken[stem], int(number) + 1)
            stack.extend(item.values())
        elif isinstance(item, list):
            stack.extend(item)


def _model(value: dict[str, Any], place: str, call: Call) -> keras.Model:
    config = value["config"]
    model = _sequential(config, place, call) if value["class_name"] == "Sequential" else _functional(config, place, call)
    if not config["trainable"]:
        model.trainable = False
    return model


def _sequential(config: dict[str, Any], place: str, call: Call) -> keras.Model:
    layers = [_layer(entry, _inside(place, entry["config"]["name"]), call) for entry in config["layers"]]
    try:
        # All at once, since Keras builds the model again with every layer that is added.
        return keras.Sequential(layers, name=config["name"])
    except Exception:
        stopped = next((layer for layer in layers if not layer._inbound_nodes), None)
        with _Naming(_inside(place, stopped.name) if stopped else place):
            raise


def _functional(config: dict[str, Any], place: str, call: Call) -> keras.Model:
    entries = {entry["name"]: entry for entry in config["layers"]}
    layers = {name: _layer(entry, _inside(place, name), call) for name, entry in entries.items()}
    outputs: dict[tuple[str, int], Any] = {}

    def tensor(reference: dict[str, Any]) -> Any:
        name, call, output = history(reference)
        results = outputs[name, call]
        if output >= len(results):
            raise Refusal(
                f"The model takes output {output} of layer {shown(name)}, which has {len(results)}. Save the model again."
            )
        return results[output]

    for name, index in order_of_calls(config["layers"]):
        entry = entries[name]
        if entry["class_name"] == "InputLayer":
            result = layers[name].output
        elif not entry["inbound_nodes"]:
            continue
        else:
            with _Naming(_inside(place, name)):
                arguments = entry["inbound_nodes"][index]
                positional = [_value(argument, tensor) for argument in arguments["args"]]
                if entry["class_name"] == "GetItem":
                    positional[1:] = [tuple(key) if isinstance(key, list) else key for key in positional[1:]]
                keywords = {key: _value(argument, tensor) for key, argument in arguments["kwargs"].items()}
                result = call(layers[name], positional, keywords)
        outputs[name, index] = keras.tree.flatten(result)
    with _Naming(place):
        return keras.Model(_value(config["input_layers"], tensor), _value(config["output_layers"], tensor), name=config["name"])


def _layer(entry: dict[str, Any], place: str, call: Call) -> Any:
    name, config = entry["class_name"], entry["config"]
    if name in allowed.MODELS:
        return _model(entry, place, call)
    layer_class = getattr(importlib.import_module(entry["module"]), name)
    held = {
        key: _layer(config[key], place, call) for key in allowed.WRAPPERS.get(name, ()) if isinstance(config.get(key), dict)
    }
    with _Naming(place):
        settings = {key: _value(value, None) for key, value in config.items() if key not in held}
        settings = {key: value for key, value in settings.items() if not (_empty(value) and is_unknown(layer_class, key))}
        return layer_class(**held, **settings) if held else layer_class.from_config(settings)


def _value(value: Any, tensor: Any) -> Any:
    """A setting or argument with its tensors and values in place; descriptions of initialisers and the like stay for Keras."""
    if isinstance(value, list):
        return [_value(item, tensor) for item in value]
    if not isinstance(value, dict):
        return value
    match value.get("class_name"):
        case "__keras_tensor__" if tensor:
            return tensor(value)
        case "__tuple__":
            return tuple(_value(item, tensor) for item in value["items"])
        case "__slice__":
            config = value["config"]
            return slice(*(_value(config[key], tensor) for key in ("start", "stop", "step")))
        case "__ellipsis__":
            return Ellipsis
        case "__numpy__" | "__tensor__":
            return np.array(value["config"]["value"], dtype=value["config"]["dtype"])
        case None:
            return {key: _value(item, tensor) for key, item in value.items()}
    return copy.deepcopy(value)  # Keras takes descriptions apart, and each is built twice


def _empty(value: Any) -> bool:
    return value is None or value is False or (isinstance(value, (list, dict)) and not value)


class _Naming:
    """Turns what Keras raises into a refusal that names the layer."""

    def __init__(self, place: str) -> None:
        self._place = place

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: Any) -> None:
        if error is None or not isinstance(error, Exception) or isinstance(error, Refusal):
            return
        at = f"layer {shown(self._place)}" if self._place else "the model"
        raise Refusal(
            f"Keras cannot build {at} from its description. Open the model where it was made and save it again.",
            shown(f"{type(error).__name__}: {error}", 600),
        ) from None


def _inside(place: str, name: str) -> str:
    return f"{place}/{name}" if place else name
