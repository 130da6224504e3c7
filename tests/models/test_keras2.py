"""Architectures written by Keras 2.15 and Keras 1.2.2 predict the same once they are opened, or are refused by name.

The files come from `write_keras2_files.py` and `write_keras1_files.py`, run with those versions of Keras.
"""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest

from components.models import masks
from components.models.dry_build import dry_build
from components.models.formats import open_source
from components.models.intake import open_member
from components.models.newer_keras import settle_newer
from components.models.scan_config import scan
from components.models.translate import translate
from components.recipe import Refusal

FILES = Path(__file__).parents[1] / "files"
ARCHIVES = [FILES / "keras1-architectures.zip", FILES / "keras2-architectures.zip"]
REFUSED = {
    "keras1.2.2-highway": "Layer highway_1 is a Highway, which Keras 1 had and today's Keras has no equal for",
    "keras1.2.2-lambda": "Layer lambda_1 is a Lambda, which carries code of its own",
    "keras1.2.2-maxout": "Layer maxoutdense_1 is a MaxoutDense, which Keras 1 had and today's Keras has no equal for",
    "locally-connected": "is a LocallyConnected2D, which Keras 2 had and today's Keras has no equal for",
    "locally-connected-1d": "is a LocallyConnected1D, which Keras 2 had and today's Keras has no equal for",
    "masks-and-states-within": "Layer gru.* is given masked steps by way of the nested model inner",
    "masks-merged-within": "Layer add.* is given masked steps by way of the nested model inner",
    "shapes-of-the-batch": "calls tf.shape, which cannot be translated to keras.ops",
}
"""What no rule can translate, and the sentence that says so."""
ONE_AXIS_MORE = {"text-vectorization-modes"}
"""Where the shape that today's Keras foretells has an axis that its result has not."""
CALLED_IN_INFERENCE = {"partly-frozen", "training-calls"}
"""Where `training=False` was said of layers that act otherwise in training."""
HALF_PRECISION = 2e-3
"""Half precision knows three digits."""


def _files() -> dict[str, Path]:
    """One file of each architecture, by turns HDF5 and `.keras`, and all SavedModels; with the archive that it lies in."""
    found: dict[str, Path] = {}
    for archive in ARCHIVES:
        with zipfile.ZipFile(archive) as content:
            names = content.namelist()
        stems = [name.removesuffix(".npz") for name in names if name.endswith(".npz")]
        for index, stem in enumerate(stems):
            written = [name for name in (f"{stem}.h5", f"{stem}.keras") if name in names]
            found[written[index % len(written)]] = archive
        found |= {name: archive for name in names if name.endswith(".savedmodel.zip")}
    return found


NAMES = _files()
NETWORKS = FILES / "keras2-networks.zip"
with zipfile.ZipFile(NETWORKS) as _archive:
    PUBLISHED = sorted(name for name in _archive.namelist() if name.endswith(".json"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("architectures")
    for archive in (*ARCHIVES, NETWORKS):
        with zipfile.ZipFile(archive) as content:
            content.extractall(path)
    return path


@pytest.mark.filterwarnings("ignore:Layer .* does not support masking")
@pytest.mark.parametrize("name", sorted(NAMES))
def test_predicts_as_it_did(name: str, folder: Path, tmp_path: Path) -> None:
    stem = name.removesuffix(".zip").rsplit(".", 1)[0]
    canonical = tmp_path / "member.keras"
    if stem in REFUSED:
        with pytest.raises(Refusal, match=REFUSED[stem]):
            open_member(folder / name, name, canonical)
        return
    facts = open_member(folder / name, name, canonical)
    with np.load(folder / f"{stem}.npz") as arrays:
        inputs = [keras.ops.convert_to_tensor(arrays[key]) for key in sorted(arrays.files) if key.startswith("x")]
        expected = [arrays[key] for key in sorted(arrays.files) if key.startswith("y")]
    assert any("training=False" in note for note in facts.notes) == (stem in CALLED_IN_INFERENCE)
    again = translate(open_source(canonical).configuration).configuration
    scan(again)  # as whoever loads the member does
    assert len(settle_newer(again, "4.0")) == 1  # what the installed Keras writes, it knows
    model = keras.models.load_model(canonical)
    outputs = keras.tree.flatten(model(inputs if len(inputs) > 1 else inputs[0], training=False))
    for tensor, wanted in zip(facts.outputs, expected, strict=True):
        assert None in tensor.shape or stem in ONE_AXIS_MORE or tensor.shape == wanted.shape[1:]
    tolerance = HALF_PRECISION if stem.startswith("mixed-") else 1e-5
    for output, wanted in zip(outputs, expected, strict=True):
        np.testing.assert_allclose(np.asarray(output).astype(wanted.dtype), wanted, atol=tolerance)


@pytest.mark.parametrize(
    ("layer", "setting", "value"),
    [(keras.layers.LSTM(2), "time_major", True), (keras.layers.DepthwiseConv1D(3), "groups", 2)],
    ids=lambda each: str(getattr(each, "name", each)),
)
def test_a_setting_without_an_equal_is_refused_by_its_name(
    layer: keras.Layer, setting: str, value: object, tmp_path: Path
) -> None:
    written = json.loads(keras.Sequential([keras.Input((5, 4)), layer]).to_json()) | {"keras_version": "2.15.0"}
    written["config"]["layers"][1]["config"][setting] = value
    (tmp_path / "model.json").write_text(json.dumps(written))
    with pytest.raises(Refusal, match=f"{layer.name} uses {setting}={value}"):
        open_member(tmp_path / "model.json", "model.json", tmp_path / "member.keras")


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_network_has_the_same_weights(name: str, folder: Path) -> None:
    translation = translate(open_source(folder / name).configuration, by_keras_2=True)
    scan(translation.configuration)
    with keras.StatelessScope(initialize_variables=False):
        model = dry_build(translation.configuration, masks.call)
    shapes = json.loads((folder / name.replace(".json", ".shapes")).read_text())
    assert sorted(list(weight.shape) for weight in model.weights) == shapes
