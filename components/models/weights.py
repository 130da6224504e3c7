"""Where a model's weights come from, and how they enter the built model."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import keras
import numpy as np
from keras.src.saving import saving_lib

from components.models.places import Origin
from components.models.scan_weights import attribute, open_hdf5
from components.recipe import Refusal
from components.recipe.wording import shown


class Weights(Protocol):
    """A source of weights that has been scanned."""

    def assign(self, model: keras.Model, origin: Origin) -> None:
        """Fills the model's variables; `origin` tells what each layer was in the file.

        Raises:
            Refusal: when the stored weights are not those of this model.
        """


class _Moved(saving_lib.H5IOStore):
    """Weights whose layers lie at other places of the file than today's Keras looks for them."""

    def __init__(self, source: Path | io.BytesIO, paths: dict[str, str]) -> None:
        super().__init__(source)
        self._paths = paths

    def get(self, path: str) -> Any:
        """The weights at today's path."""
        return super().get(self._in_file(path))

    def has_path(self, path: str) -> bool:
        """Whether the file has anything at today's path."""
        return super().has_path(self._in_file(path))

    def _in_file(self, path: str) -> str:
        parts = path.split("/")
        for length in range(len(parts), 0, -1):
            start = "/".join(parts[:length])
            if start in self._paths:
                return "/".join([self._paths[start], *parts[length:]])
        return path


@dataclass
class StoredByPlace:
    """The layout of `.keras` and `.weights.h5` files: weights lie where their layer stands in the model."""

    source: Path | bytes

    def assign(self, model: keras.Model, origin: Origin) -> None:
        """Fills the model as `keras.Model.load_weights` does, which would take bytes by way of another file only."""
        failed: set[int] = set()
        messages: dict[int, Any] = {}
        try:
            store = _Moved(io.BytesIO(self.source) if isinstance(self.source, bytes) else self.source, origin.paths(model))
            try:
                saving_lib._load_state(
                    model,
                    store,
                    assets_store=None,
                    inner_path="",
                    visited_saveables=set(),
                    failed_saveables=failed,
                    error_msgs=messages,
                )
            finally:
                store.close()
            if failed:
                saving_lib._raise_loading_failure(messages, warn_only=False)
        except (ValueError, KeyError, TypeError, AttributeError, OSError, RuntimeError) as error:
            raise _mismatch(error) from None


@dataclass
class StoredByName:
    """The layout of HDF5 models and of `.h5` weights: each outermost layer's weights in order, under the layer's name."""

    source: Path | bytes

    def assign(self, model: keras.Model, origin: Origin) -> None:
        """Fills layer by layer: by name where the names agree, else in order."""
        with open_hdf5(self.source) as file:
            group = file.get("model_weights", file)
            try:
                saved = {name: _arrays(group[name]) for name in _texts(group, "layer_names")}
            except (KeyError, OSError, ValueError, TypeError, AttributeError) as error:
                raise Refusal("The HDF5 file's list of weights is damaged. Save the model again.", shown(error, 200)) from None
        saved = {name: arrays for name, arrays in saved.items() if arrays}
        layers = {origin.names.get(layer.name, layer.name): layer for layer in model.layers if layer.weights}
        if len(saved) != len(layers):
            raise _mismatch(f"the model has {len(layers)} layers with weights, the file {len(saved)}")
        same_names = saved.keys() == layers.keys()
        for (name, layer), arrays in zip(layers.items(), saved.values(), strict=True):
            _fill(layer, saved[name] if same_names else arrays, in_saved_order(layer), name)


def assign_in_order(model: keras.Model, arrays: list[tuple[str, np.ndarray]]) -> None:
    """Fills a model from the named weights of all its layers in a row: by name where the names tell, else in order.

    Raises:
        Refusal: when number or shapes differ.
    """
    _fill(model, arrays, [variable for leaf in _leaves(model) for variable in in_saved_order(leaf)], model.name)


def finalize(model: keras.Model) -> None:
    """Lets layers that derive something from their weights (`Normalization`) do so."""
    for layer in model._flatten_layers(include_self=False):
        if hasattr(layer, "finalize_state"):
            layer.finalize_state()


def _fill(layer: Any, arrays: list[tuple[str, np.ndarray]], in_order: list[Any], place: str) -> None:
    variables = _by_inner_names(layer, [name for name, _ in arrays]) or in_order
    if len(in_order) != len(arrays) or len(variables) != len(arrays):
        raise _mismatch(f"layer {place} has {len(in_order)} weights, the file {len(arrays)}")
    for variable, (name, array) in zip(variables, arrays, strict=True):
        if tuple(variable.shape) != array.shape:
            raise _mismatch(f"weight {name} of layer {place} has the shape {array.shape} instead of {tuple(variable.shape)}")
        variable.assign(array)


def in_saved_order(layer: Any) -> list[Any]:
    """A layer's weights in the order of Keras' HDF5 files: those that train first."""
    return [*layer.trainable_weights, *layer.non_trainable_weights]


def _by_inner_names(layer: Any, saved: list[str]) -> list[Any]:
    """The weights of a nested model in the order of their saved names (`layer/weight:0`); empty where names do not tell."""
    if not isinstance(layer, keras.Model):
        return []
    inner = {leaf.name: in_saved_order(leaf) for leaf in _leaves(layer)}
    variables = []
    for name in saved:
        owner = next((part for part in reversed(name.split("/")[:-1]) if part in inner), None)
        if owner is None or not inner[owner]:
            return []
        variables.append(inner[owner].pop(0))
    return variables


def _leaves(model: keras.Model) -> list[Any]:
    return [leaf for layer in model.layers for leaf in (_leaves(layer) if isinstance(layer, keras.Model) else [layer])]


def _arrays(group: Any) -> list[tuple[str, np.ndarray]]:
    return [(name, np.asarray(group[name])) for name in _texts(group, "weight_names")]


def _texts(group: Any, name: str) -> list[str]:
    """A list of texts in a group's attributes, in several parts (`name0`, `name1`, …) where it is long."""
    parts = [attribute(group, name)] if name in group.attrs else []
    while f"{name}{len(parts)}" in group.attrs:
        parts.append(attribute(group, f"{name}{len(parts)}"))
    return [item.decode() if isinstance(item, bytes) else str(item) for part in parts for item in part]


def _mismatch(reason: object) -> Refusal:
    return Refusal(
        "The weights in the file are not those of the model that it describes. Save the model again, or bring the weights "
        "that belong to it.",
        shown(reason, 300),
    )
