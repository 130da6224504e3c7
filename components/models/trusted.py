"""Layers of modules that the person who runs the app has named as theirs: the one door in the allow-list, shut by default."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from components.models.allowed import LAYERS, MODELS

_CLASSES: dict[str, type] = {}
"""Trusted layers by `module.Class`, by the name under which they are registered, and by their bare name."""


def trust(modules: Iterable[str], folder: Path) -> tuple[str, ...]:
    """Imports modules that lie in `folder` or are installed; from now on this process opens models that hold their layers.

    Returns:
        One word a module, or a few where it could not be imported.
    """
    told = []
    for name in modules:
        if str(folder) not in sys.path:
            # Last, so that nothing there takes the place of a module of ours.
            sys.path.append(str(folder))
        try:
            importlib.import_module(name)
        except Exception as error:
            told.append(f"{name} cannot be imported ({type(error).__name__}: {error})")
            continue
        for layer in _layers_of(name):
            _CLASSES[f"{layer.__module__}.{layer.__name__}"] = layer
            _register(layer)
        told.append(name)
    return tuple(told)


def is_trusted(module: object, class_name: object) -> bool:
    """Whether a layer, spelled as `settle` does, is one of a trusted module."""
    return f"{module}.{class_name}" in _CLASSES


def settle(configuration: dict[str, Any]) -> tuple[str, ...]:
    """Spells the trusted layers of a translated configuration as the scan and the builder read them; returns notes on them."""
    used: dict[str, set[str]] = {}
    stack: list[Any] = [configuration] if _CLASSES else []
    while stack:
        value = stack.pop()
        if isinstance(value, dict):
            layer = _named(value)
            if layer is not None:
                value.update(module=layer.__module__, class_name=layer.__name__, registered_name=None)
                used.setdefault(layer.__module__, set()).add(layer.__name__)
                _name_policy(value.get("config"))
            stack.extend(value.values())
        elif isinstance(value, list):
            stack.extend(value)
    return tuple(f"It uses your module {module}: {', '.join(sorted(names))}." for module, names in sorted(used.items()))


def _named(value: dict[str, Any]) -> type | None:
    module, name, registered = (value.get(key) for key in ("module", "class_name", "registered_name"))
    if not isinstance(name, str):
        return None
    if module is None:
        return _CLASSES.get(name)
    return _CLASSES.get(f"{module}.{name}") or (
        _CLASSES.get(registered) if isinstance(registered, str) and ">" in registered else None
    )


def _name_policy(config: Any) -> None:
    """A precision that is described as an object becomes its name, as in all other layers."""
    match config:
        case {"dtype": {"class_name": "DTypePolicy", "config": {"name": str(name)}}}:
            config["dtype"] = name


def _layers_of(name: str) -> Iterator[type]:
    import keras

    for path, module in list(sys.modules.items()):
        if path == name or path.startswith(f"{name}."):
            for found in list(vars(module).values()):
                is_layer = isinstance(found, type) and issubclass(found, keras.Layer) and not issubclass(found, keras.Model)
                if is_layer and found.__module__ == path:
                    yield found


def _register(layer: type) -> None:
    """Lets Keras find the layer again where a model is copied, as `custom_objects` of `load_model` does."""
    import keras

    for name in (layer.__name__, keras.saving.get_registered_name(layer)):
        if name not in LAYERS | MODELS:
            _CLASSES[name] = layer
            keras.saving.get_custom_objects().setdefault(name, layer)
