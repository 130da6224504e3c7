"""TensorFlow's SavedModel: a folder, in a ZIP archive."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from components.models.exports.signature import as_taken, input_signature

FOLDER = "saved_model"
"""The one folder in the archive."""


def write(model: keras.Model, path: Path) -> Sequence[str]:
    """Writes the archive; `tf.saved_model.load` opens the folder in it, whose endpoint is `serve`."""
    with tempfile.TemporaryDirectory() as folder:
        model.export(folder, verbose=False, input_signature=[as_taken(input_signature(model))])
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for each in sorted(Path(folder).rglob("*")):
                archive.write(each, Path(FOLDER, each.relative_to(folder)))
    return ()


def predict(path: Path, inputs: Mapping[str, np.ndarray]) -> list[np.ndarray]:
    """The outputs of the written model in its own order, from inputs by their names."""
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(path) as archive:
            archive.extractall(folder)
        loaded = tf.saved_model.load(Path(folder, FOLDER))
        return [each.numpy() for each in tf.nest.flatten(loaded.serve(as_taken(list(inputs.values()))))]
