"""The JSON text of `model.to_json()`, with the weights in a second file or with fresh ones."""

from __future__ import annotations

from typing import Any

from components.models.formats.hdf5 import scanned_weights
from components.models.formats.opened import Format, Opened, Source
from components.models.recognise import recognise
from components.recipe import Refusal
from components.recipe.wording import shown

UNTRAINED = "The file holds an architecture without weights, so the member starts untrained."
FILLED = "The architecture and its weights came in two files and were put together."


def _open(document: dict[str, Any], source: Source, weights: Source | None) -> Opened:
    if "class_name" not in document or "config" not in document:
        raise Refusal("This JSON is not a Keras model: it has no class_name and config, which `model.to_json()` writes.")
    if weights is not None and recognise(weights) != "hdf5":
        raise Refusal("The second file holds no weights: upload the .weights.h5 or .h5 file that belongs to this architecture.")
    version = document.get("keras_version")
    return Opened(
        format="architecture",
        configuration=document,
        weights=scanned_weights(weights) if weights else None,
        keras_version=shown(version, 20) if isinstance(version, str) else None,
        compiled=bool(document.pop("compile_config", None)),
        notes=(FILLED if weights else UNTRAINED,),
    )


ARCHITECTURE = Format("architecture", "a model's architecture in JSON", "json", (".json",), lambda document: True, _open)
