"""Architectures written by Keras 2 (see `write_keras2_files.py`) predict the same once they are opened."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest

from components.models.intake import open_member

ARCHIVE = Path(__file__).parents[1] / "files" / "keras2-architectures.zip"
with zipfile.ZipFile(ARCHIVE) as _archive:
    NAMES = sorted(name for name in _archive.namelist() if not name.endswith(".npz"))


@pytest.mark.parametrize("name", NAMES)
def test_predicts_as_in_keras_2(name: str, tmp_path: Path) -> None:
    with zipfile.ZipFile(ARCHIVE) as archive:
        path = Path(archive.extract(name, tmp_path))
        arrays = np.load(io.BytesIO(archive.read(f"{path.stem}.npz")))
    canonical = tmp_path / "member.keras"
    facts = open_member(path, name, canonical)
    inputs = [arrays[key] for key in sorted(arrays.files) if key.startswith("x")]
    expected = [arrays[key] for key in sorted(arrays.files) if key.startswith("y")]
    outputs = keras.models.load_model(canonical)(inputs if len(inputs) > 1 else inputs[0], training=False)
    outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
    assert [tensor.shape for tensor in facts.outputs] == [array.shape[1:] for array in expected]
    tolerance = 2e-3 if name.startswith("mixed-precision") else 1e-5  # half precision knows three digits
    for output, wanted in zip(outputs, expected, strict=True):
        np.testing.assert_allclose(output, wanted, atol=tolerance)
