"""A zip archive around one model file, or around an architecture and its weights."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import NamedTuple

from components.models import limits
from components.models.recognise import HDF5_SIGNATURE
from components.models.scan_container import Archive
from components.models.scan_weights import open_hdf5
from components.recipe import Refusal
from components.recipe.wording import shown

MODEL_SUFFIXES = (".keras", ".h5", ".hdf5")
STRANGERS = {
    "data.pkl": "This is a PyTorch model, a Python pickle that can run any code. Only Keras models open here.",
    "model.weights.h5": "The archive holds weights but no model. Save the whole model with `model.save('model.keras')`.",
    "xl/workbook.xml": "This is an Excel workbook, not a model. Tables belong on the Data page.",
}
"""Files inside an archive that tell what it is, by the end of their paths."""


class Inner(NamedTuple):
    """The model within an archive: name and bytes of its file, and the weights where they lie in a second one."""

    name: str
    data: bytes
    weights: bytes | None = None


def inner_model(archive: Archive) -> Inner:
    """The one model in the archive.

    Raises:
        Refusal: when there is none, or more than one; the sentence names what the archive is.
    """
    names = [name for name in archive.names if not name.endswith("/") and not _litter(name)]
    for end, sentence in STRANGERS.items():
        if any(name == end or name.endswith("/" + end) for name in names):
            raise Refusal(sentence)
    models = [name for name in names if name.lower().endswith(MODEL_SUFFIXES)]
    if len(models) > 1:
        raise Refusal(f"The archive holds {len(models)} model files. Upload them one by one.", shown(", ".join(models), 300))
    if not models:
        raise Refusal(
            "The archive holds no Keras model: no config.json, and no .keras or .h5 file. "
            "Arrays and pictures belong on the Data page.",
            shown(", ".join(names), 300),
        )
    data = archive.read(models[0])
    architectures = [name for name in names if name.lower().endswith(".json")]
    if len(architectures) == 1 and _is_weights(data):
        return Inner(architectures[0], archive.read(architectures[0], limits.CONFIGURATION_SIZE), data)
    return Inner(models[0], data)


def _is_weights(data: bytes) -> bool:
    """Whether a file is HDF5 without a model's description."""
    if not data.startswith(HDF5_SIGNATURE):
        return False
    with open_hdf5(data) as file:
        return "model_config" not in file.attrs


def _litter(name: str) -> bool:
    """What file managers add to an archive."""
    path = PurePosixPath(name)
    return path.parts[0] == "__MACOSX" or path.name.startswith("._") or path.name == ".DS_Store"
