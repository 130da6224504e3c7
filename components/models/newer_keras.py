"""Files that a newer Keras wrote: settings that the installed one does not know are left out where they say nothing."""

from __future__ import annotations

import importlib
import re
from typing import Any

import keras

from components.models import allowed
from components.models.unknown_settings import is_unknown
from components.recipe import Refusal
from components.recipe.wording import shown


def settle_newer(configuration: dict[str, Any], version: str | None) -> tuple[str, ...]:
    """Takes from a scanned configuration what only a newer Keras knows; returns notes on it.

    Args:
        configuration: Changed in place.
        version: Of the Keras that wrote it. Nothing is done where it is not newer than the installed one.

    Raises:
        Refusal: naming a setting that has a value, and so may change what the model predicts.
    """
    if _number(version) <= _number(keras.__version__):
        return ()
    dropped: set[str] = set()
    stack: list[tuple[Any, str]] = [(configuration, "")]
    while stack:
        value, place = stack.pop()
        if isinstance(value, list):
            stack.extend((item, place) for item in value)
        elif isinstance(value, dict):
            config = value.get("config")
            if isinstance(config, dict) and value.get("class_name") in allowed.MODULES.get(str(value.get("module")), ()):
                place = str(config.get("name") or place)
                if value["class_name"] not in allowed.MODELS:
                    dropped.update(_without_unknown(value, place, version))
            stack.extend((item, place) for item in value.values())
    notes = [f"Keras {shown(version, 20)} saved the file, a newer one than the {keras.__version__} that opened it."]
    if dropped:
        notes.append(
            f"Settings that only the newer Keras knows are empty and were left out: {shown(', '.join(sorted(dropped)), 200)}."
        )
    return tuple(notes)


def _without_unknown(value: dict[str, Any], place: str, version: str | None) -> list[str]:
    """Takes the unknown settings of one object away and names them."""
    named = getattr(importlib.import_module(value["module"]), value["class_name"])
    unknown = [key for key in value["config"] if is_unknown(named, key)]
    for key in unknown:
        setting = value["config"].pop(key)
        if setting:
            raise Refusal(
                f"Layer {shown(place)} has the setting {shown(key, 30)}={shown(setting, 24)}, which only a newer Keras than "
                f"the installed {keras.__version__} knows. Save the model without it, or update Keras on the app's computer.",
                f"A setting of {value['class_name']}, saved by Keras {shown(version, 20)}.",
            )
    return unknown


def _number(version: str | None) -> tuple[int, int]:
    found = re.match(r"(\d{1,6})\.(\d{1,6})", version or "")
    return (int(found[1]), int(found[2])) if found else (0, 0)
