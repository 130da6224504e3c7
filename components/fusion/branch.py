"""A member as a branch of a fused model: a copy with names of its own, frozen where it is to be, cut where it is to be.

These functions name nothing but Keras and the standard library: the exported script shows them as they stand.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from typing import Any

from components.fusion.lazy_keras import keras
from components.fusion.precision import compute_in, with_all_digits
from components.fusion.serialised import models_within


def rename_references(value: Any, prefix: str) -> None:
    """Puts `<prefix>.` before every layer's name that a serialised graph refers to as `[name, node, tensor]`."""
    if isinstance(value, dict):
        for part in value.values():
            rename_references(part, prefix)
    elif isinstance(value, list):
        if len(value) == 3 and isinstance(value[0], str) and isinstance(value[1], int):
            value[0] = f"{prefix}.{value[0]}"
        else:
            for part in value:
                rename_references(part, prefix)


def rename_layers(model: dict[str, Any], prefix: str) -> None:
    """Renames every layer of a serialised model to `<prefix>.<layer>`; within a nested model to `<prefix>.<model>.<layer>`.

    Renaming the outer model alone would leave inner variables of two members with one path.
    """
    config = model["config"]
    for layer in config["layers"]:
        name = f"{prefix}.{layer['config']['name']}"
        for inner in models_within(layer):
            rename_layers(inner, name)
        layer["config"]["name"] = name
        if "name" in layer:
            layer["name"] = name
        rename_references(layer.get("inbound_nodes"), prefix)
    rename_references(config.get("input_layers"), prefix)
    rename_references(config.get("output_layers"), prefix)


def freeze(value: Any) -> None:
    """Fixes a serialised layer or model and all within it: its weights, its moving statistics and all that is random.

    Keras keeps dropout, noise and augmentation at work in a layer that is not trainable, so their rates become 0 and
    augmentation becomes the identity.
    """
    if isinstance(value, dict):
        config = value.get("config") or {}
        if "trainable" in config:
            config["trainable"] = False
            config.update({rate: 0.0 for rate in ("rate", "stddev", "dropout", "recurrent_dropout") if rate in config})
            if value["class_name"].startswith("Random") and value["class_name"] != "RandomCrop":
                value.update(class_name="Identity", config={key: config[key] for key in ("name", "trainable", "dtype")})
        for part in value.values():
            freeze(part)
    elif isinstance(value, list):
        for part in value:
            freeze(part)


def freeze_layers(model: dict[str, Any], layers: Collection[str], path: str = "") -> None:
    """Fixes the named layers of a serialised model; those of nested models are named `outer/inner`."""
    for layer in model["config"]["layers"]:
        name = path + layer["config"]["name"]
        if name in layers:
            freeze(layer)
        else:
            for inner in models_within(layer):
                freeze_layers(inner, layers, f"{name}/")


def features_at(model: Any, layer: str) -> Any:
    """The tensor that a layer or operation of a model gives on the way to the model's outputs."""
    graph = getattr(model, "_functional", model)
    # A Sequential calls its layers anew whenever one is added, and the first calls lead nowhere.
    own = {id(node) for nodes in graph._nodes_by_depth.values() for node in nodes}
    for operation in graph.operations:
        if operation.name == layer:
            return one_or_all(next(node.outputs for node in operation._inbound_nodes if id(node) in own))
    raise ValueError(f"{model.name} has no layer {layer}.")


def copy_weights(model: Any, copy: Any) -> None:
    """Sets the weights of a model's copy. Normalization layers compute from theirs what they apply."""
    copy.set_weights(model.get_weights())
    for layer in copy._flatten_layers():
        if isinstance(layer, keras.layers.Normalization):
            layer.finalize_state()


def copy_of(model: Any, serialised: dict[str, Any]) -> Any:
    """What a serialised model describes, with the weights of the model that it was made from."""
    copy = keras.saving.deserialize_keras_object(serialised, safe_mode=True)
    copy_weights(model, copy)
    return copy


def branch(
    model: Any,
    name: str,
    *,
    cuts: Sequence[str] = (),
    predict: bool = True,
    frozen: bool = False,
    fixed: Sequence[str] = (),
    rate: float = 1.0,
    precision: str = "float32",
    copied: Callable[[Any, dict[str, Any]], Any] = copy_of,
) -> Any:
    """A copy of a model as the branch `name`, with layers called `<name>.<layer>` and the same weights.

    Args:
        model: The member.
        name: What the branch is called.
        cuts: Layers whose outputs are given as features.
        predict: Whether the model's own outputs are given, behind the features.
        frozen: Whether the whole branch is fixed.
        fixed: Names of layers that are fixed.
        rate: The share of the learning rate at which its weights learn.
        precision: In which it computes.
        copied: Makes the copy, of the model and what it serialises to.
    """
    serialised = json.loads(json.dumps(keras.saving.serialize_keras_object(model)))
    serialised.pop("compile_config", None)
    if frozen:
        freeze(serialised)
    freeze_layers(serialised, fixed)
    rename_layers(serialised, name)
    if precision != "float32":
        compute_in(serialised, precision)
    copy = copied(model, serialised)
    for variable in copy.trainable_variables:
        variable.rate = rate
    features = [with_all_digits(features_at(copy, f"{name}.{cut}"), f"{name}.{cut}.float32") for cut in cuts]
    outputs = features + (list(copy.outputs) if predict else [])
    return keras.Model(one_or_all(copy.inputs), one_or_all(outputs), name=name)


def one_or_all(tensors: Sequence[Any]) -> Any:
    """A single tensor bare and several as a list, as Keras wants them."""
    return tensors[0] if len(tensors) == 1 else list(tensors)


def last_dense(model: Any) -> Any:
    """The dense layer that comes last among a model's own layers; None where there is none."""
    return next((layer for layer in reversed(model.layers) if isinstance(layer, keras.layers.Dense)), None)
