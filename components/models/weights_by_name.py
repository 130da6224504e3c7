"""Weights of HDF5 models and of SavedModels: each layer's in a row, under names that tell whose they are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from components.models.places import Origin
from components.models.scan_weights import attribute, open_hdf5
from components.models.weight_layouts import STATELESS, Era, to_today
from components.models.weights import check_size, mismatch
from components.recipe import Refusal
from components.recipe.wording import shown

Named = tuple[str, np.ndarray]


@dataclass
class StoredByName:
    """The layout of HDF5 models and of `.h5` weights: each outermost layer's weights in order, under the layer's name.

    `declared` is what `scan_hdf5` found of them, in bytes.
    """

    source: Path | bytes
    declared: int

    def assign(self, model: keras.Model, origin: Origin) -> None:
        """Fills layer by layer: by name where the names agree, else in order."""
        check_size(model, self.declared)
        with open_hdf5(self.source) as file:
            group = file.get("model_weights", file)
            try:
                era = Era(*(_text(group, key) or _text(file, key) for key in ("keras_version", "backend")))
                saved = {name: _arrays(group[name]) for name in _texts(group, "layer_names")}
            except (KeyError, OSError, ValueError, TypeError, AttributeError) as error:
                raise Refusal("The HDF5 file's list of weights is damaged. Save the model again.", shown(error, 200)) from None
        layers = {origin.names.get(layer.name, layer.name): layer for layer in model.layers}
        for name, layer in layers.items():
            if type(layer).__name__ == "Discretization" and saved.get(name):
                layer.load_own_variables({"0": saved[name][0][1]})
        stateless = {name for name, layer in layers.items() if type(layer).__name__ in STATELESS}
        saved = {name: arrays for name, arrays in saved.items() if arrays and name not in stateless}
        layers = {name: layer for name, layer in layers.items() if layer.weights and name not in stateless}
        if len(saved) != len(layers):
            raise mismatch(f"the model has {len(layers)} layers with weights, the file {len(saved)}")
        same_names = saved.keys() == layers.keys()
        for (name, layer), arrays in zip(layers.items(), saved.values(), strict=True):
            _fill(layer, saved[name] if same_names else arrays, in_saved_order(layer), name, era)


def assign_in_order(model: keras.Model, arrays: list[Named]) -> None:
    """Fills a model from the named weights of all its layers in a row: by name where the names tell, else in order.

    Raises:
        Refusal: when number or shapes differ.
    """
    _fill(model, arrays, [variable for leaf in _leaves(model) for variable in in_saved_order(leaf)], model.name, Era("2"))


def in_saved_order(layer: Any) -> list[Any]:
    """A layer's weights in the order of Keras' HDF5 files: those that train first."""
    return [*layer.trainable_weights, *layer.non_trainable_weights]


def _fill(layer: Any, arrays: list[Named], in_order: list[Any], place: str, era: Era) -> None:
    """Fills a layer, or each layer within a model where the names tell whose weights they are."""
    owned = _by_leaf(layer, arrays) if isinstance(layer, keras.Model) else [(layer, arrays)]
    if owned is None:
        _assign(in_order, arrays, place)
        return
    for leaf, own in owned:
        inner = place if leaf is layer else f"{place}/{leaf.name}"
        today = to_today(leaf, [array for _, array in own], era)
        names = [name for name, _ in own] if len(own) == len(today) else [leaf.name] * len(today)
        _assign(in_saved_order(leaf), list(zip(names, today, strict=True)), inner)


def _assign(variables: list[Any], arrays: list[Named], place: str) -> None:
    if len(variables) != len(arrays):
        raise mismatch(f"layer {place} has {len(variables)} weights, the file {len(arrays)}")
    for variable, (name, array) in zip(variables, arrays, strict=True):
        if tuple(variable.shape) != array.shape:
            raise mismatch(f"weight {name} of layer {place} has the shape {array.shape} instead of {tuple(variable.shape)}")
        variable.assign(array)


def _by_leaf(model: keras.Model, arrays: list[Named]) -> list[tuple[Any, list[Named]]] | None:
    """The weights of each layer within a model, by their saved names (`layer/weight:0`); None where names do not tell."""
    leaves = [leaf for leaf in _leaves(model) if leaf.weights]
    owned: dict[str, list[Named]] = {leaf.name: [] for leaf in leaves}
    for name, array in arrays:
        owner = next((part for part in reversed(name.split("/")[:-1]) if part in owned), None) or _by_start(name, owned)
        if owner is None:
            return None
        owned[owner].append((name, array))
    return [(leaf, owned[leaf.name]) for leaf in leaves] if len(owned) == len(leaves) and all(owned.values()) else None


def _by_start(name: str, owned: dict[str, list[Named]]) -> str | None:
    """The owner of a weight as Keras 1 names it: `layer_W`, where a longer layer's name may begin with a shorter one."""
    return max((leaf for leaf in owned if name.rsplit("/", 1)[-1].startswith(f"{leaf}_")), key=len, default=None)


def _leaves(model: keras.Model) -> list[Any]:
    return [leaf for layer in model.layers for leaf in (_leaves(layer) if isinstance(layer, keras.Model) else [layer])]


def _arrays(group: Any) -> list[Named]:
    return [(name, np.asarray(group[name])) for name in _texts(group, "weight_names")]


def _text(group: Any, name: str) -> str | None:
    value = attribute(group, name)
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def _texts(group: Any, name: str) -> list[str]:
    """A list of texts in a group's attributes, in several parts (`name0`, `name1`, …) where it is long."""
    parts = [attribute(group, name)] if name in group.attrs else []
    while f"{name}{len(parts)}" in group.attrs:
        parts.append(attribute(group, f"{name}{len(parts)}"))
    return [item.decode() if isinstance(item, bytes) else str(item) for part in parts for item in part]
