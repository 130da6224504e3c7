"""Writes with Keras 2.15 small models of many kinds and what they predicted, and the published networks' architectures.

Runs where TensorFlow 2.15 is installed, which the project itself never needs, in the project's folder:

    PYTHONPATH=. python tests/models/write_keras2_files.py tests/files

The archive of small models that is stored was not written in one go. At first it held both formats of every model; of the
themes `convolutions`, `operators` and `applications` one of the two was then taken out of each, to keep it small. The models
`masks-ended-in-a-row`, `masks-ended-within`, `masks-merged-within` and `masks-and-states-within` were put into it later.
Written anew it holds the same models, some of those three themes in the other format. Neither holds what Keras 2 itself cannot
write: `shapes`, `images` and `preprocessed-caffe` as `.keras`, and adapted lookups as HDF5.
"""

from __future__ import annotations

import io
import itertools
import json
import sys
import tempfile
import warnings
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow import keras

from tests.models.keras2 import applications, basics, convolutions, graphs, operators, preparing, recurrent

THEMES = (basics, convolutions, recurrent, graphs, preparing, operators, applications)
FORMATS = itertools.cycle((("h5", "keras"), ("keras", "h5")))
"""By turns, which format is tried first where one is enough."""
BOTH = (basics, recurrent, graphs, preparing)
AS_SAVED_MODEL = ("nested", "attention", "wide-and-deep")


def samples(model: keras.Model, name: str, theme: ModuleType) -> list[np.ndarray]:
    """What the model is fed with: four samples for each input, of pictures for the large networks one."""
    if name in getattr(theme, "INPUTS", {}):
        return theme.INPUTS[name]
    generator = np.random.default_rng(0)
    found = []
    for tensor in model.inputs:
        shape = (1 if theme is applications else 4, *(length or 6 for length in tensor.shape[1:]))
        if name in getattr(theme, "WORDS", ()):
            found.append(generator.integers(0, 7, shape).astype("float32"))
        elif tensor.dtype.is_integer:
            found.append(generator.integers(0, 3, shape).astype(tensor.dtype.as_numpy_dtype))
        else:
            found.append(generator.normal(size=shape).astype("float32"))
    return found


def write(name: str, theme: ModuleType, archive: zipfile.ZipFile, folder: Path) -> None:
    """Adds one model as HDF5 and as `.keras`, and its inputs and outputs as NPZ; of some themes one format each."""
    keras.backend.clear_session()
    keras.utils.set_random_seed(1)
    generator = np.random.default_rng(0)
    model = theme.ARCHITECTURES[name]()
    for weight in model.weights:
        if (
            any(part in getattr(weight, "name", "") for part in ("moving", "beta", "bias", "gamma"))
            and weight.dtype.is_floating
        ):
            weight.assign(generator.uniform(0.1, 0.6, weight.shape))
    inputs = samples(model, name, theme)
    fed: Any = [tf.constant(x) for x in inputs] if len(inputs) > 1 else tf.constant(inputs[0])
    if name in getattr(theme, "NAMED", ()):
        fed = dict(zip("ab", fed, strict=True))
    outputs = [np.array(y) for y in tf.nest.flatten(model(fed, training=False))]
    outputs = [y.astype("float32") if y.dtype == tf.bfloat16.as_numpy_dtype else y for y in outputs]
    arrays = {f"x{i:02}": x for i, x in enumerate(inputs)} | {f"y{i:02}": y for i, y in enumerate(outputs)}
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    archive.writestr(f"{name}.npz", buffer.getvalue())
    for suffix in next(FORMATS):
        path = folder / f"{name}.{suffix}"
        try:
            model.save(path)
        except (TypeError, NotImplementedError) as error:  # `...` of a slice in .keras, adapted lookups in HDF5
            print(f"{name}.{suffix}: {error}")
        else:
            archive.write(path, path.name)
            if theme not in BOTH:
                break
    if name in AS_SAVED_MODEL:
        model.save(folder / name, save_format="tf")
        with zipfile.ZipFile(folder / f"{name}.savedmodel.zip", "w", zipfile.ZIP_DEFLATED) as saved:
            for path in sorted((folder / name).rglob("*")):
                saved.write(path, path.relative_to(folder))
        archive.write(folder / f"{name}.savedmodel.zip", f"{name}.savedmodel.zip")


def write_architecture(name: str, archive: zipfile.ZipFile) -> None:
    """Adds one of the published networks in full size, without weights: its JSON, and its weights' shapes."""
    keras.backend.clear_session()
    model = getattr(keras.applications, name)(weights=None)
    archive.writestr(f"{name}.json", model.to_json())
    archive.writestr(f"{name}.shapes", json.dumps(sorted(weight.shape.as_list() for weight in model.weights)))


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    tf.get_logger().setLevel("ERROR")
    files = Path(sys.argv[1])
    with (
        zipfile.ZipFile(files / "keras2-architectures.zip", "w", zipfile.ZIP_LZMA) as target,
        tempfile.TemporaryDirectory() as scratch,
    ):
        for theme in THEMES:
            for architecture in theme.ARCHITECTURES:
                write(architecture, theme, target, Path(scratch))
    with zipfile.ZipFile(files / "keras2-networks.zip", "w", zipfile.ZIP_LZMA) as target:
        for network in applications.PUBLISHED:
            write_architecture(network, target)
