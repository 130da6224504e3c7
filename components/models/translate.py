"""From the configuration that any version of Keras wrote to today's: plain data in, plain data out, no Keras.

The scan and the builder read one spelling: every object is `{"module", "class_name", "config", "registered_name"}`,
every layer has a clean name, every call is `{"args", "kwargs"}` with the references of `components.models.call_graph`. What
differs between versions stands in the tables of `components.models.rules` and `components.models.rules_operations`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from components.models import allowed, limits, translate_calls
from components.models.ended_masks import end_masks
from components.models.places import Origin
from components.models.rules import RULES
from components.models.rules_classes import CLASS_NAMES, REPLACEMENTS, refuse_gone, replacement
from components.models.rules_keras1 import part, with_order
from components.models.translate_operations import operation
from components.recipe import Refusal
from components.recipe.wording import shown

KERAS_MODULE = re.compile(
    r"(tf_)?keras(\.|$)|tensorflow(\.python)?\.keras(\.|$)|tensorflow\.python\.ops\.init_ops(_v2)?$|builtins$"
)
PARTS = {
    name: module
    for module in ("keras.initializers", "keras.regularizers", "keras.constraints")
    for name in allowed.MODULES[module]
}
POLICIES = {"DTypePolicy", "FloatDTypePolicy", "Policy", "PolicyV1"}
OPERATIONS = {name: module for module in allowed.OPERATION_MODULES for name in allowed.MODULES[module]}
_PART_KEYS = ("_initializer", "_regularizer", "_constraint")
_UNCLEAN = re.compile(r"[^A-Za-z0-9_.-]")


@dataclass
class Translation:
    """A configuration in today's spelling, and what its layers were in the file."""

    configuration: dict[str, Any]
    notes: tuple[str, ...] = ()
    origin: Origin = field(default_factory=Origin)


def translate(
    configuration: dict[str, Any], by_keras_2: bool = False, assets: dict[str, dict[str, Any]] | None = None
) -> Translation:
    """Brings a model's configuration into today's spelling.

    `by_keras_2` says that Keras 2 or 1 wrote it. `assets` are settings that the file keeps apart, by the layer's place in it.

    Raises:
        Refusal: when it asks for something that today's Keras has no equal for.
        LookupError, TypeError, ValueError, AttributeError: when it is not built as Keras builds one.
    """
    configuration = with_order(configuration)
    translator = _Translator(by_keras_2, assets or {})
    model = translator.model(configuration, "")
    translator.complete_input(configuration, model)
    return Translation(end_masks(model) if by_keras_2 else model, translator.sentences(), translator.origin)


class _Translator:
    def __init__(self, by_keras_2: bool, assets: dict[str, dict[str, Any]]) -> None:
        self._by_keras_2 = by_keras_2
        self._assets = assets
        self.origin = Origin()
        self._notes: dict[str, list[str]] = {}

    def sentences(self) -> tuple[str, ...]:
        """One sentence for each kind of change."""
        return tuple(
            f"{shown(places[0])}: {note}." if len(places) == 1 else f"{len(places)} layers: {note}."
            for note, places in self._notes.items()
        )

    def note(self, note: str | None, place: str) -> None:
        if note and place not in self._notes.setdefault(note, []):
            self._notes[note].append(place)

    def model(self, value: dict[str, Any], place: str) -> dict[str, Any]:
        class_name = CLASS_NAMES.get(value["class_name"], value["class_name"])
        config = value["config"]
        if not _standard(value) or class_name not in allowed.MODELS or (isinstance(config, dict) and "layers" not in config):
            return value
        config = {"layers": config} if isinstance(config, list) else config
        result: dict[str, Any] = {
            "name": str(config.get("name") or "model"),
            "trainable": config.get("trainable", True) is not False,
        }
        result["name"] = self._clean(result["name"], place, set())
        build = self._sequential if class_name == "Sequential" else self._functional
        build(config, result, place)
        return {"module": "keras.models", "class_name": class_name, "config": result, "registered_name": None}

    def complete_input(self, value: dict[str, Any], model: dict[str, Any]) -> None:
        """Gives the outermost Sequential the input layer that it may have lacked in the file."""
        if model["class_name"] != "Sequential" or not _standard(model) or not model["config"].get("layers"):
            return
        layers = model["config"]["layers"]
        if layers[0]["class_name"] in {"InputLayer"} | allowed.MODELS:
            return
        config = value["config"] if isinstance(value["config"], dict) else {}
        shape = config.get("build_input_shape") or (value.get("build_config") or {}).get("input_shape")
        shape = shape.get("items") if isinstance(shape, dict) else shape
        if not isinstance(shape, list):
            raise Refusal(
                "The model was saved before it knew the shape of its input. Call it once on data, or start it with "
                "`keras.Input(shape=…)`, and save it again."
            )
        layers.insert(0, _input_layer([None, *shape[1:]], "input", layers))

    def _sequential(self, config: dict[str, Any], result: dict[str, Any], place: str) -> None:
        result["layers"] = layers = []
        used: set[str] = set()
        for index, entry in enumerate(config["layers"]):
            layer = self._layer(entry, place, used)
            shape = layer["config"].pop("batch_input_shape", None) if isinstance(layer["config"], dict) else None
            if index == 0 and isinstance(shape, list) and layer["class_name"] not in {"InputLayer"} | allowed.MODELS:
                self.note("its input shape became an input layer", self._place(place, layer["config"]["name"]))
                layers.append(_input_layer([None, *shape[1:]], f"{layer['config']['name']}_input", [layer]))
            layers.append(layer)

    def _functional(self, config: dict[str, Any], result: dict[str, Any], place: str) -> None:
        used: set[str] = set()
        layers, names = [], {}
        for entry in config["layers"]:
            original = entry.get("name") or entry["config"]["name"]
            if original in names:
                raise Refusal(
                    f"Two layers of the model are named {shown(original)}; rename one in Keras and save the model again."
                )
            layer = self._layer(entry, place, used, original)
            names[original] = layer["name"] = layer["config"]["name"] if isinstance(layer["config"], dict) else str(original)
            if isinstance(layer["config"], dict):
                layer["config"].pop("batch_input_shape", None)
            layers.append(layer)
        calls = translate_calls.Calls(config["layers"], names)
        for entry, layer in zip(config["layers"], layers, strict=True):
            layer["inbound_nodes"] = [calls.call(node, layer["class_name"]) for node in entry.get("inbound_nodes") or []]
        result["layers"] = [self._operation(entry, layer, place) for entry, layer in zip(config["layers"], layers, strict=True)]
        result["input_layers"] = calls.ends(config["input_layers"])
        result["output_layers"] = calls.ends(config["output_layers"])

    def _operation(self, entry: dict[str, Any], layer: dict[str, Any], place: str) -> dict[str, Any]:
        if entry["class_name"] not in ("TFOpLambda", "SlicingOpLambda"):
            return layer
        translated, note = operation(entry, layer)
        self.note(note, self._place(place, layer["name"]))
        return translated

    def _layer(
        self, value: dict[str, Any], place: str, used: set[str], original: Any = None, held_as: str | None = None
    ) -> dict[str, Any]:
        """A layer, model or operation within a model, or, under the attribute `held_as`, within a layer."""
        value = {**value, "config": value["config"]}
        original = str(
            original
            or (value["config"].get("name") if isinstance(value["config"], dict) else None)
            or value["class_name"].lower()
        )
        name = self._clean(original, place, used)
        here = self._place(place, name)
        if not place:
            self.origin.names[name] = original
        if held_as is None:
            self.origin.add(place, here, value["class_name"], original)
        else:
            self.origin.hold(place, here, held_as, value["class_name"], original)
        class_name = CLASS_NAMES.get(value["class_name"], value["class_name"])
        if class_name in allowed.MODELS and _standard(value):
            layer = self.model(value, here)
        elif _is_operation(value):
            config = {key: self._value(member, key, here) for key, member in value["config"].items()}
            layer = _object(OPERATIONS[class_name], class_name, config)
        else:
            layer = self._plain_layer(value, class_name, here)
        if isinstance(layer["config"], dict):
            layer["config"] = {**layer["config"], "name": name}
        return {key: layer.get(key) for key in ("module", "class_name", "config", "registered_name")}

    def _plain_layer(self, value: dict[str, Any], class_name: str, place: str) -> dict[str, Any]:
        if not _standard(value) or not isinstance(value["config"], dict):
            return value
        settings = value["config"] | self._assets.get(self.origin.places.get(place, ""), {})
        other = replacement(value["class_name"], settings, self._by_keras_2)
        if other:
            class_name, settings = other.class_name, other.settings(settings)
        elif class_name not in allowed.LAYERS:
            refuse_gone(class_name, place)
            return value
        settings = {key: self._value(member, key, place) for key, member in settings.items()}
        if class_name != value["class_name"]:
            self.note(f"the layer {value['class_name']} is {class_name} in today's Keras", place)
        self.note(other.note if other else None, place)
        for rule in RULES:
            if rule.applies_to(class_name):
                self.note(rule.action(settings, place), place)
        if self._by_keras_2 and class_name == "Activation" and settings.get("activation") == "hard_sigmoid":
            self.note("the hard sigmoid of Keras 2 is steeper than today's, so its input is scaled by 6/5", place)
            rescaling = _object("keras.layers", "Rescaling", {"name": "scale", "scale": 6 / 5, "offset": 0.0})
            return _object(
                "keras.models",
                "Sequential",
                {"trainable": True, "layers": [rescaling, _object("keras.layers", class_name, settings)]},
            )
        return _object(allowed.APPLICATION_LAYERS.get(class_name, "keras.layers"), class_name, settings)

    def _value(self, value: Any, key: str, place: str) -> Any:
        """A setting: plain values stay, objects within it are brought into today's spelling."""
        if isinstance(value, list):
            return [self._value(item, "", place) for item in value]
        if not isinstance(value, dict):
            return value
        if key.endswith(_PART_KEYS):
            value = part(value)
        class_name = value.get("class_name")
        if value.get("type") == "ndarray":
            return value["value"]
        if class_name in ("__tuple__", "TensorShape") and "items" in value:
            return [self._value(item, "", place) for item in value["items"]]
        if class_name is None:
            return {name: self._value(item, name, place) for name, item in value.items()}
        if (
            class_name == "function"
            and _standard({**value, "registered_name": None})
            and value.get("config") in allowed.ACTIVATIONS
        ):
            return value["config"]
        if class_name in POLICIES and _standard(value):
            return value["config"]["name"]
        if class_name in allowed.VALUES or not _standard(value) or not isinstance(value.get("config"), (dict, list)):
            return value
        if class_name in PARTS and key.endswith(_PART_KEYS):
            settings = {name: self._value(item, name, place) for name, item in value["config"].items()}
            settings.pop("dtype", None)
            if settings.get("distribution") == "normal":
                settings["distribution"] = "truncated_normal"
            return _object(PARTS[class_name], class_name, settings)
        if CLASS_NAMES.get(class_name, class_name) in allowed.LAYERS | allowed.MODELS or class_name in REPLACEMENTS:
            return self._layer(value, place or "layer", set(), held_as=key)
        return value

    def _clean(self, name: str, place: str, used: set[str]) -> str:
        clean = _UNCLEAN.sub("_", name)[: limits.NAME_LENGTH]
        clean = clean if clean[:1].isalnum() else f"layer{clean}"
        if clean != name or clean in used:
            number, stem = 1, clean
            while clean in used:
                clean, number = f"{stem}_{number}", number + 1
            self.note("its name was changed to letters, digits, dots and dashes", self._place(place, clean))
        used.add(clean)
        return clean

    @staticmethod
    def _place(place: str, name: str) -> str:
        return f"{place}/{name}" if place else name


def _object(module: str, class_name: str, config: dict[str, Any]) -> dict[str, Any]:
    return {"module": module, "class_name": class_name, "config": config, "registered_name": None}


def _input_layer(shape: list[Any], name: str, neighbours: list[dict[str, Any]]) -> dict[str, Any]:
    taken = {layer["config"].get("name") for layer in neighbours}
    while name in taken:
        name += "_1"
    return _object("keras.layers", "InputLayer", {"batch_shape": shape, "dtype": "float32", "name": name})


def _standard(value: dict[str, Any]) -> bool:
    """Whether an object says that it comes from Keras. Only such are translated; the scan refuses the others as they are."""
    module, registered = value.get("module"), value.get("registered_name")
    own = [None, value["class_name"], f"Keras>{value['class_name']}"]
    if value["class_name"] in allowed.APPLICATION_LAYERS:
        own.append(f"Custom>{value['class_name']}")
    return (module is None or (isinstance(module, str) and bool(KERAS_MODULE.match(module)))) and registered in own


def _is_operation(value: dict[str, Any]) -> bool:
    """Whether an entry is an operation of `keras.ops`: its module says so, or, in HDF5 files of Keras 3, its bare settings."""
    class_name, module, config = value["class_name"], value.get("module"), value["config"]
    if class_name not in OPERATIONS or not isinstance(config, dict) or value.get("registered_name") not in (None, class_name):
        return False
    if module is not None:
        return module in allowed.OPERATION_MODULES
    return isinstance((value.get("inbound_nodes") or [None])[0], dict) and "trainable" not in config
