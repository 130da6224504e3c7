"""The formats that open. A new one is a module with a `Format`, and its name in `FORMATS`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from components.models import strict_json
from components.models.formats.architecture import ARCHITECTURE
from components.models.formats.hdf5 import HDF5_MODEL
from components.models.formats.keras_archive import KERAS_ARCHIVE
from components.models.formats.opened import Format, Opened, Source
from components.models.formats.saved_model import SAVED_MODEL
from components.models.formats.wrapped import inner_model
from components.models.limits import CONFIGURATION_SIZE
from components.models.recognise import recognise
from components.models.scan_container import Archive
from components.models.scan_weights import open_hdf5
from components.recipe import Refusal
from components.recipe.wording import shown

FORMATS: tuple[Format, ...] = (KERAS_ARCHIVE, SAVED_MODEL, HDF5_MODEL, ARCHITECTURE)


def open_source(source: Source, weights: Path | None = None) -> Opened:
    """Opens a model file by its content; `weights` is a second file for an architecture.

    Raises:
        Refusal: when it is no model that can be opened.
    """
    return _open(source, weights, wrapped=False)


def _open(source: Source, weights: Source | None, wrapped: bool) -> Opened:
    kind = recognise(source)
    container = _CONTAINERS[kind](source)
    try:
        for candidate in FORMATS:
            if candidate.kind == kind and candidate.fits(container):
                return candidate.open(container, source, weights)
        if wrapped:
            raise Refusal("The archive holds another archive inside. Unpack it and upload the model file.")
        inner = inner_model(container)
    finally:
        if kind != "json":
            container.close()
    opened = _open(inner.data, inner.weights or weights, wrapped=True)
    opened.notes = (
        *([] if inner.weights else [f"The model {shown(inner.name)} was taken out of the zip archive."]),
        *opened.notes,
    )
    return opened


def _read_json(source: Source) -> dict[str, Any]:
    if isinstance(source, bytes):
        return strict_json.parse(source)
    if source.stat().st_size > CONFIGURATION_SIZE:
        raise Refusal("The JSON file is far larger than any model's architecture.")
    return strict_json.parse(source.read_bytes())


_CONTAINERS: dict[str, Any] = {"zip": Archive.of, "hdf5": open_hdf5, "json": _read_json}
