"""`.keras`: a zip archive of `config.json`, `metadata.json` and weights, written by Keras 3 and Keras 2.12 to 2.15."""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import keras

from components.models import limits, strict_json
from components.models.formats.opened import Format, Opened, Source
from components.models.places import Origin
from components.models.scan_container import Archive
from components.models.scan_weights import open_hdf5, scan_hdf5
from components.models.weights import check_size
from components.models.weights_by_place import StoredByPlace
from components.recipe import Refusal
from components.recipe.wording import shown

CONFIGURATION, METADATA, WEIGHTS = "config.json", "metadata.json", "model.weights.h5"
UNREADABLE = "model.weights.npz"
ASSET = re.compile(r"assets/([\w.-]+/)*(vocabulary\.txt)?")
"""Where lookup layers that were adapted to data keep their vocabulary, one word a line."""
INNER_LOOKUP = "/_lookup_layer"
"""`TextVectorization` keeps its vocabulary twice: its own, and that of the layer that it is made of."""


def _vocabularies(archive: Archive) -> dict[str, list[str]]:
    """The words that each lookup layer learnt, by the layer's place."""
    found = {}
    for name in archive.names:
        if ASSET.fullmatch(name) and name.endswith("/vocabulary.txt"):
            place = name.removeprefix("assets/").removesuffix("/vocabulary.txt").removesuffix(INNER_LOOKUP)
            text = archive.read(name, limits.CONFIGURATION_SIZE).decode("utf-8", "replace")
            found[place] = text.split("\n")
    return found


def _learnt(words: list[str], file: Any, place: str) -> dict[str, Any]:
    """A lookup layer's settings that it has from data: its words, and where it weighs them, the weights."""
    weights = f"{place}/vars/idf_weights"
    settings: dict[str, Any] = {"vocabulary": words}
    return settings | {"idf_weights": file[weights][()].tolist()} if weights in file else settings


@dataclass
class _Packed:
    """Weights within an archive, which are not unpacked before it is known how large they may be."""

    source: Source

    def assign(self, model: keras.Model, origin: Origin) -> None:
        """Fills the model by the places of its layers."""
        with closing(Archive.of(self.source)) as archive:
            check_size(model, archive.size(WEIGHTS))
            data = archive.read(WEIGHTS)
        with open_hdf5(data) as file:
            declared = scan_hdf5(file)
        StoredByPlace(data, declared).assign(model, origin)


def _assets(archive: Archive) -> dict[str, dict[str, Any]]:
    """The settings of lookup layers that lie outside the configuration."""
    vocabularies = _vocabularies(archive)
    if not vocabularies:
        return {}
    with open_hdf5(archive.read(WEIGHTS)) as file:
        scan_hdf5(file)
        return {place: _learnt(words, file, place) for place, words in vocabularies.items()}


def _open(archive: Archive, source: Source, weights: Source | None) -> Opened:
    if UNREADABLE in archive.names:
        raise Refusal(
            'The weights lie in the archive as a Python pickle (weights_format="npz"). A pickle can run any code, and Keras '
            "itself opens no such file either. Save the model again with `model.save('model.keras')`.",
            UNREADABLE,
        )
    for name in archive.names:
        if name not in (CONFIGURATION, METADATA, WEIGHTS) and not ASSET.fullmatch(name):
            raise Refusal(
                "The archive holds something that does not belong into a .keras file. Save the model again.", shown(name)
            )
    if WEIGHTS not in archive.names:
        raise Refusal("The .keras file holds no weights. Save the whole model again with `model.save('model.keras')`.")
    configuration = strict_json.parse(archive.read(CONFIGURATION, limits.CONFIGURATION_SIZE))
    metadata = (
        strict_json.parse(archive.read(METADATA, limits.MEBIBYTE), "file's metadata") if METADATA in archive.names else {}
    )
    version = metadata.get("keras_version")
    return Opened(
        format="keras",
        configuration=configuration,
        weights=_Packed(source),
        keras_version=shown(version, 20) if isinstance(version, str) else None,
        compiled=bool(configuration.pop("compile_config", None)),
        assets=_assets(archive),
        notes=() if metadata else ("The file does not say which version of Keras wrote it.",),
    )


KERAS_ARCHIVE = Format("keras", "a .keras archive", "zip", (".keras",), lambda archive: CONFIGURATION in archive.names, _open)
