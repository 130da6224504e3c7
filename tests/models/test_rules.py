"""The tables that the translation reads: what they name exists, and today's own files pass through them unchanged."""

from __future__ import annotations

import importlib
import inspect
import json
from typing import Any

import keras
import pytest
from keras import layers

from components.models import allowed
from components.models.call_graph import order_of_calls
from components.models.rule_actions import drop, rename
from components.models.rules import RULES
from components.models.rules_classes import CLASS_NAMES
from components.models.rules_operations import OPERATIONS
from components.models.scan_config import scan
from components.models.translate import translate
from components.recipe import Refusal

ARGUMENTS: dict[str, dict[str, Any]] = {
    "AdaptiveAveragePooling1D": {"output_size": 2},
    "AdaptiveAveragePooling2D": {"output_size": 2},
    "AdaptiveAveragePooling3D": {"output_size": 2},
    "AdaptiveMaxPooling1D": {"output_size": 2},
    "AdaptiveMaxPooling2D": {"output_size": 2},
    "AdaptiveMaxPooling3D": {"output_size": 2},
    "Bidirectional": {"layer": lambda: layers.LSTM(2)},
    "CategoryEncoding": {"num_tokens": 3},
    "CenterCrop": {"height": 2, "width": 2},
    "Discretization": {"bin_boundaries": [0.0, 1.0]},
    "Dot": {"axes": 1},
    "EinsumDense": {"equation": "ab,bc->ac", "output_shape": 3},
    "GroupQueryAttention": {"head_dim": 2, "num_query_heads": 2, "num_key_value_heads": 1},
    "GroupNormalization": {"groups": 2},
    "HashedCrossing": {"num_bins": 3},
    "Hashing": {"num_bins": 3},
    "InputLayer": {"batch_shape": (None, 3)},
    "IntegerLookup": {"vocabulary": [1, 2]},
    "LayerScale": {"init_values": 0.1, "projection_dim": 3},
    "MaxNumBoundingBoxes": {"max_number": 3},
    "MultiHeadAttention": {"num_heads": 2, "key_dim": 3},
    "RandomPosterization": {"factor": 4},
    "Permute": {"dims": (2, 1)},
    "RNN": {"cell": lambda: layers.LSTMCell(2)},
    "RepeatVector": {"n": 3},
    "Rescaling": {"scale": 0.5},
    "Reshape": {"target_shape": (3,)},
    "Resizing": {"height": 2, "width": 2},
    "Solarization": {},
    "SpectralNormalization": {"layer": lambda: layers.Dense(2)},
    "StackedRNNCells": {"cells": lambda: [layers.LSTMCell(2)]},
    "StringLookup": {"vocabulary": ["a", "b"]},
    "TextVectorization": {"vocabulary": ["a", "b"]},
    "TimeDistributed": {"layer": lambda: layers.Dense(2)},
}
UNITS = ("LSTM", "GRU", "SimpleRNN", "LSTMCell", "GRUCell", "SimpleRNNCell", "Dense")


def _example(name: str) -> layers.Layer:
    """A layer of the class, with arguments where its constructor wants some."""
    module = next(module for module, names in allowed.MODULES.items() if name in names and module != "keras.initializers")
    layer_class = getattr(importlib.import_module(module), name)
    arguments = ARGUMENTS.get(name)
    if arguments is None:
        required = [
            parameter.name
            for parameter in inspect.signature(layer_class).parameters.values()
            if parameter.default is parameter.empty and parameter.kind not in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL)
        ]
        arguments = dict.fromkeys(required, 2 if name not in ("Dropout",) else 0.5)
        arguments.update({key: 0.5 for key in required if key in ("rate", "stddev", "factor", "height_factor", "width_factor")})
        arguments.update({key: "relu" for key in required if key == "activation"})
    return layer_class(**{key: value() if callable(value) else value for key, value in arguments.items()})


def _plain(value: Any) -> Any:
    """What a configuration means: tuples as lists, dtype policies as their names."""
    if isinstance(value, dict):
        if value.get("class_name") == "DTypePolicy":
            return value["config"]["name"]
        kept = {key: item for key, item in value.items() if key not in ("build_config", "registered_name", "shared_object_id")}
        return {key: _plain(item) for key, item in kept.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("name", sorted(allowed.LAYERS))
def test_a_layer_of_today_stays_as_it_is(name: str) -> None:
    layer = json.loads(json.dumps(keras.saving.serialize_keras_object(_example(name))))
    layer["registered_name"] = None
    config = {"name": "model", "layers": [layer], "build_input_shape": [None, 3]}
    translation = translate({"module": "keras", "class_name": "Sequential", "config": config})
    scan(translation.configuration)
    translated = translation.configuration["config"]["layers"][-1]
    assert _plain(translated) == _plain(layer)
    assert translation.notes == ()


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_an_operation_of_tensorflow_has_its_equal(name: str) -> None:
    rule = OPERATIONS[name]
    module, class_name = rule.target.split(".")
    home = "keras.layers" if module == "layers" else f"keras.src.ops.{module}"
    assert class_name in allowed.MODULES[home]
    target = getattr(importlib.import_module(home), class_name)
    assert set(rule.settings.values()) <= set(inspect.signature(target.__init__).parameters)
    called = [p for p in inspect.signature(target.call).parameters.values() if p.name != "self"]
    assert len(rule.tensors.split()) <= len(called)


@pytest.mark.parametrize(
    ("module", "name"), [(module, name) for module, names in allowed.MODULES.items() for name in sorted(names - allowed.MODELS)]
)
def test_what_is_allowed_exists(module: str, name: str) -> None:
    assert isinstance(getattr(importlib.import_module(module), name), type)


def test_rules_name_classes_that_are_allowed() -> None:
    named = {name for rule in RULES if rule.classes != "*" for name in rule.classes.split()}
    assert named <= allowed.LAYERS
    assert set(CLASS_NAMES.values()) <= allowed.LAYERS | allowed.MODELS


def test_drop_refuses_what_it_cannot_mean() -> None:
    settings = {"time_major": True, "units": 3}
    with pytest.raises(Refusal, match=r"Layer lstm uses time_major=True"):
        drop("time_major", False, None)(settings, "lstm")
    assert drop("absent")(settings, "lstm") is None


def test_rename_keeps_what_is_there() -> None:
    settings = {"alpha": 0.2}
    assert rename("alpha", "negative_slope")(settings, "relu") == "the setting alpha is called negative_slope in today's Keras"
    assert settings == {"negative_slope": 0.2}


def _entry(name: str, *sources: str) -> dict[str, Any]:
    tensors = [{"class_name": "__keras_tensor__", "config": {"keras_history": [source, 0, 0]}} for source in sources]
    return {"name": name, "inbound_nodes": [{"args": [tensors], "kwargs": {}}] if sources else []}


def test_calls_come_after_what_they_take() -> None:
    entries = [_entry("d", "b", "c"), _entry("c", "a"), _entry("b", "a"), _entry("a")]
    order = [name for name, _ in order_of_calls(entries)]
    assert order[0] == "a" and order[-1] == "d" and set(order[1:3]) == {"b", "c"}


def test_a_loop_is_refused() -> None:
    with pytest.raises(Refusal, match="form a loop at b"):
        order_of_calls([_entry("a"), _entry("b", "a", "c"), _entry("c", "b")])
