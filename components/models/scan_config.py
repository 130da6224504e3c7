"""The allow-list: walks a translated configuration, all of it, before any class of Keras is looked up.

The configuration is in today's spelling (see `components.models.translate`), and what passes here is exactly what is built.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from components.models import allowed, limits, trusted
from components.models.call_graph import history, order_of_calls, references
from components.recipe import Refusal
from components.recipe.wording import shown

CODE = frozenset({"Lambda", "__lambda__", "function", "TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer"})


def scan(configuration: dict[str, Any]) -> None:
    """Accepts a model's configuration whose every part is allowed.

    Raises:
        Refusal: naming the class and the layer's place, when something is not allowed, not connected, or too large.
    """
    counts, models = {"layers": 0, "values": 0}, []
    stack: list[tuple[Any, str, int, str]] = [(configuration, "", 0, "")]
    if configuration.get("class_name") not in allowed.MODELS:
        raise _not_allowed(configuration, "")
    while stack:
        value, place, depth, key = stack.pop()
        counts["values"] += 1
        if counts["values"] > limits.CONFIGURATION_VALUES:
            raise Refusal(
                f"The model's description has more than {limits.CONFIGURATION_VALUES:,} values, which no Keras model needs."
            )
        if isinstance(value, dict):
            if "class_name" in value:
                place, depth = _scan_object(value, place, depth, counts)
                if value["class_name"] in allowed.MODELS:
                    models.append(value)
            stack.extend((member, place, depth, name) for name, member in reversed(value.items()))
        elif isinstance(value, list):
            inner = key if key in allowed.VALUE_KEYS else ""
            stack.extend((member, place, depth, inner) for member in reversed(value))
        else:
            _scan_value(value, place, key)
    for model in models:
        _scan_graph(model)


def _scan_object(value: dict[str, Any], place: str, depth: int, counts: dict[str, int]) -> tuple[str, int]:
    name, config = value["class_name"], value.get("config")
    if name in allowed.VALUES if isinstance(name, str) else False:
        if name == "__keras_tensor__":
            history(value)
        return place, depth
    own_name = config.get("name") if isinstance(config, dict) else None
    if isinstance(own_name, str) and depth:
        place = f"{place}/{own_name}" if place else own_name
    module = value.get("module")
    known = isinstance(name, str) and isinstance(module, str) and name in allowed.MODULES.get(module, ())
    if not known and not trusted.is_trusted(module, name):
        raise _not_allowed(value, place)
    if value.get("registered_name") not in (None, name):
        raise Refusal(
            f"{_subject(place)} says that it is a {shown(name)} and a {shown(value['registered_name'])} at once. "
            "Save the model again."
        )
    if not isinstance(config, dict):
        raise Refusal(
            f"The description of {_at(place)} is damaged: its settings are missing. Save the model again.", shown(name)
        )
    if name in allowed.MODELS:
        depth += 1
        if depth > limits.MODEL_DEPTH:
            raise Refusal(f"Models are nested more than {limits.MODEL_DEPTH} levels deep.")
        counts["layers"] += len(config["layers"])
        if counts["layers"] > limits.LAYERS:
            raise Refusal(
                f"The model has more than {limits.LAYERS} layers, more than this app draws and trains. Take a smaller network "
                "of its family, or only its first layers: save `keras.Model(model.input, model.get_layer('…').output)`."
            )
    return place, depth


def _scan_graph(model: dict[str, Any]) -> None:
    layers = model["config"]["layers"]
    if not layers:
        raise Refusal("The model has no layers.")
    if model["class_name"] == "Sequential":
        return
    calls = set(order_of_calls(layers))
    for layer in layers:
        for arguments in layer["inbound_nodes"]:
            fed = next(references(arguments), None) is not None
            if fed == (layer["class_name"] == "InputLayer"):
                raise Refusal(
                    f"Layer {shown(layer['name'])} is not connected as a {shown(layer['class_name'])} is. Save the model again."
                )
    for end in ("input_layers", "output_layers"):
        ends = list(references(model["config"][end]))
        if not ends:
            raise Refusal("The model does not say what its inputs and outputs are. Save the model again.")
        for name, call, _ in ends:
            if (name, call) not in calls:
                raise Refusal(
                    f"The model's inputs or outputs name {shown(name)}, which is not one of its layers. Save the model again."
                )


def _scan_value(value: Any, place: str, key: str) -> None:
    if isinstance(value, str):
        if len(value) > limits.TEXT_LENGTH:
            raise Refusal(
                f"A setting of {_at(place)} is a text of {len(value):,} characters, which no Keras layer takes.", shown(key)
            )
        if key in allowed.PATH_KEYS:
            raise Refusal(
                f"{_subject(place)} wants to read a file of this computer. "
                "Put the values themselves into the model and save it again.",
                shown(f"{key}={value}"),
            )
        check = _TEXTS.get(key)
        if check and not check(value):
            raise Refusal(f"{_subject(place)} asks for the {key} {shown(value)}, which Keras does not have.")
    elif isinstance(value, (int, float)) and abs(value) >= (limits.VALUE if key in allowed.VALUE_KEYS else limits.NUMBER):
        raise Refusal(f"A setting of {_at(place)} is the number {shown(value, 24)}, too large for any layer.", shown(key))


_TEXTS: dict[str, Callable[[str], bool]] = {
    "activation": allowed.ACTIVATIONS.__contains__,
    "recurrent_activation": allowed.ACTIVATIONS.__contains__,
    "dtype": allowed.DTYPES.__contains__,
}
"""Arguments whose texts name something of Keras, and the test of what they may name."""


def _not_allowed(value: dict[str, Any], place: str) -> Refusal:
    name, module = value.get("class_name"), value.get("module")
    detail = shown(f"module {module}, registered as {value.get('registered_name')}", 200)
    if not isinstance(name, str):
        return Refusal("The description of the model is damaged: a part does not say what it is. Save the model again.", detail)
    if name in CODE:
        verb = "is" if name[:1].isupper() else "holds"
        return Refusal(
            f"{_subject(place)} {verb} a {shown(name)}, which carries code of its own; code in uploaded files is never run. "
            "Replace it with a layer of Keras (or keras.ops) and save the model again.",
            detail,
        )
    return Refusal(
        f"{_subject(place)} is a {shown(name)}, which Keras does not bring along; code of your own cannot be run here. "
        "Rebuild this part from layers of Keras and save the model again.",
        detail,
    )


def _at(place: str) -> str:
    return f"layer {shown(place, 100)}" if place else "the model"


def _subject(place: str) -> str:
    at = _at(place)
    return at[:1].upper() + at[1:]
