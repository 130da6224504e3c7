"""HDF5 files: whole models as Keras wrote them before `.keras`, and files that hold weights only."""

from __future__ import annotations

from typing import Any

from components.models import limits, strict_json
from components.models.formats.opened import Format, Opened, Source
from components.models.scan_weights import attribute, open_hdf5, scan_hdf5
from components.models.weights import Weights
from components.models.weights_by_name import StoredByName
from components.models.weights_by_place import StoredByPlace
from components.recipe import Refusal
from components.recipe.wording import shown


def scanned_weights(source: Source) -> Weights:
    """The weights of an HDF5 file, in whichever of the two layouts it has.

    Raises:
        Refusal: when the file is not safe to read.
    """
    with open_hdf5(source) as file:
        declared = scan_hdf5(file)
        by_name = "model_weights" in file or "layer_names" in file.attrs or "layer_names0" in file.attrs
    return StoredByName(source, declared) if by_name else StoredByPlace(source, declared)


def _text(file: Any, name: str) -> bytes | None:
    try:
        value = attribute(file, name)
    except (OSError, ValueError, TypeError, RuntimeError) as error:
        raise Refusal("The HDF5 file is damaged: the model's description cannot be read.", shown(error, 200)) from None
    if isinstance(value, str):
        return value.encode()
    return bytes(value) if value is not None else None


def _open(file: Any, source: Source, weights: Source | None) -> Opened:
    description = _text(file, "model_config")
    if description is None:
        raise Refusal(
            "This HDF5 file holds weights only, not the model they belong to. Upload the architecture (the text of "
            "`model.to_json()` in a .json file) together with it or before it, or save the whole model with "
            "`model.save('model.keras')`."
        )
    if len(description) > limits.CONFIGURATION_SIZE:
        raise Refusal("The model's description in the HDF5 file is unreasonably long.")
    version = _text(file, "keras_version") or (
        _text(file["model_weights"], "keras_version") if "model_weights" in file else None
    )
    return Opened(
        format="hdf5",
        configuration=strict_json.parse(description),
        weights=scanned_weights(source),
        keras_version=shown(version.decode("utf-8", "replace"), 20) if version else None,
        compiled="training_config" in file.attrs,
    )


HDF5_MODEL = Format("hdf5", "an HDF5 file", "hdf5", (".h5", ".hdf5"), lambda file: True, _open)
