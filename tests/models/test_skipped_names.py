"""What is kept while a model is saved changes nothing of what is saved, and nothing stays behind in Keras."""

import io
import zipfile

import h5py
import keras
import numpy as np
from keras.src.backend.common import global_state

from components.models.skipped_names import skipped_names_kept


def _entries(path):
    """The names and values of all weights in a `.keras` file."""
    found = {}
    with zipfile.ZipFile(path) as archive, h5py.File(io.BytesIO(archive.read("model.weights.h5"))) as file:
        file.visititems(lambda name, item: found.update({name: item[()]}) if isinstance(item, h5py.Dataset) else None)
    return found


def test_a_model_is_saved_as_without(tmp_path):
    inner = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(3), keras.layers.BatchNormalization()])
    tensor = keras.layers.Input((4,))
    model = keras.Model(tensor, keras.layers.Dense(2)(keras.ops.relu(inner(tensor))))
    model.save(tmp_path / "plain.keras")
    with skipped_names_kept():
        model.save(tmp_path / "kept.keras")
        again = keras.models.load_model(tmp_path / "kept.keras")
    plain, kept = (_entries(tmp_path / f"{name}.keras") for name in ("plain", "kept"))
    assert list(plain) == list(kept) and len(plain) == 8
    for name, value in plain.items():
        np.testing.assert_array_equal(value, kept[name])
    samples = np.ones((2, 4), np.float32)
    np.testing.assert_array_equal(model(samples), again(samples))
    assert global_state.get_global_attribute("saving_attr_skiplist_Layer") is None
