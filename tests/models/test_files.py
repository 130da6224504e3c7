"""Real files of Keras 2.12, 2.15 and 3.3 open, and predict what they predicted where they were made."""

from __future__ import annotations

import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest
from keras.src.saving import saving_lib

from components.models.formats.architecture import FILLED
from components.models.intake import open_member
from components.models.load import load_canonical
from components.recipe import Refusal
from tests.models.collection import ENTRIES, OPEN, TOLERANCE, Entry
from tests.plain_keras import PlainKeras


def _name(entry: Entry) -> str:
    return entry.path.name


@pytest.mark.parametrize("entry", OPEN, ids=_name)
def test_predicts_as_it_did(entry: Entry, plain_keras: PlainKeras, tmp_path: Path) -> None:
    path, canonical = entry.path, tmp_path / "member.keras"
    facts = open_member(path, path.name, canonical, entry.weights)
    inputs, expected = entry.arrays()
    for predicted in (plain_keras.predict(canonical, inputs), _predict(canonical, inputs)):
        assert len(predicted) == len(expected)
        for got, wanted in zip(predicted, expected, strict=True):
            np.testing.assert_allclose(got, wanted, atol=TOLERANCE)
    assert f"-keras{facts.keras_version}." in path.name
    assert [tensor.shape for tensor in facts.inputs] == [array.shape[1:] for array in inputs]
    assert [tensor.shape for tensor in facts.outputs] == [array.shape[1:] for array in expected]
    assert facts.finite and facts.size == path.stat().st_size


def _predict(canonical: Path, inputs: list[np.ndarray]) -> list[np.ndarray]:
    predicted = load_canonical(canonical).predict(inputs if len(inputs) > 1 else inputs[0], verbose=0)
    return predicted if isinstance(predicted, list) else [predicted]


@pytest.mark.parametrize("entry", [entry for entry in ENTRIES if entry.refusal], ids=_name)
def test_what_cannot_be_opened_is_named(entry: Entry, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=entry.refusal):
        open_member(entry.path, entry.path.name, tmp_path / "member.keras")
    assert not list(tmp_path.iterdir())


def test_the_name_of_a_file_decides_nothing(files: Path, tmp_path: Path) -> None:
    for name, called in (("cancer-binary-keras2.15.0.h5", "a.keras"), ("digits-mlp-keras2.15.0.keras", "b.h5")):
        facts = open_member(files / name, called, tmp_path / called.replace(".h5", ".keras"))
        assert facts.format == {"a.keras": "hdf5", "b.h5": "keras"}[called]
        assert any(f"named {Path(called).suffix}" in note for note in facts.notes)


def test_compile_state_is_left_behind(files: Path, tmp_path: Path, plain_keras: PlainKeras) -> None:
    canonical = tmp_path / "member.keras"
    facts = open_member(files / "digits-mlp-keras2.15.0.h5", "member.h5", canonical)
    assert any("Optimizer" in note for note in facts.notes)
    script = f"import keras\nresults = {{'compiled': keras.models.load_model({str(canonical)!r}).compiled}}"
    assert not plain_keras.run(script, tmp_path)["compiled"]


def test_an_architecture_alone_starts_untrained(files: Path, tmp_path: Path) -> None:
    facts = open_member(files / "wine-mlp-keras2.15.0.json", "wine.json", tmp_path / "member.keras")
    assert any("untrained" in note for note in facts.notes) and facts.parameters > 0


def test_weights_of_another_model_are_refused(files: Path, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="not those of the model"):
        open_member(files / "wine-mlp-keras2.15.0.json", "wine.json", tmp_path / "m.keras", files / "digits-mlp-keras2.15.0.h5")


def test_weights_alone_ask_for_their_architecture(files: Path, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="weights only"):
        open_member(files / "wine-mlp-keras2.15.0.weights.h5", "wine.h5", tmp_path / "member.keras")


@pytest.mark.parametrize("litter", ["", "__MACOSX/._wine.json"])
def test_a_zip_of_architecture_and_weights(files: Path, tmp_path: Path, plain_keras: PlainKeras, litter: str) -> None:
    path = tmp_path / "both.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("wine-mlp-keras2.15.0.json", "wine-mlp-keras2.15.0.weights.h5"):
            archive.write(files / name, f"wine/{name}")
        if litter:
            archive.writestr(litter, b"")
    facts = open_member(path, path.name, tmp_path / "member.keras")
    with np.load(files / "wine-mlp-keras2.15.0.npz") as arrays:
        (predicted,) = plain_keras.predict(tmp_path / "member.keras", [arrays["x0"]])
        np.testing.assert_allclose(predicted, arrays["y0"], atol=TOLERANCE)
    assert facts.notes[0] == FILLED and facts.format == "architecture"


def test_a_json_beside_a_whole_model_is_left_alone(files: Path, tmp_path: Path) -> None:
    path = tmp_path / "model.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(files / "cancer-binary-keras2.15.0.h5", "model.h5")
        archive.writestr("classes.json", '["benign", "malignant"]')
    assert open_member(path, path.name, tmp_path / "member.keras").format == "hdf5"


def test_weights_that_are_a_pickle(tmp_path: Path) -> None:
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    saving_lib.save_model(model, str(tmp_path / "model.keras"), weights_format="npz")
    with pytest.raises(ValueError, match="allow_pickle=False"):  # Keras does not open what it wrote
        keras.models.load_model(tmp_path / "model.keras")
    with pytest.raises(Refusal, match="as a Python pickle"):
        open_member(tmp_path / "model.keras", "model.keras", tmp_path / "member.keras")


def test_weights_that_are_not_numbers_are_told(tmp_path: Path) -> None:
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.set_weights([np.array([[np.nan], [1.0]]), np.zeros(1)])
    model.save(tmp_path / "nan.keras")
    facts = open_member(tmp_path / "nan.keras", "nan.keras", tmp_path / "member.keras")
    assert not facts.finite and any("not a number" in note for note in facts.notes)


def test_a_saved_model_under_another_name(files: Path, tmp_path: Path) -> None:
    facts = open_member(files / "cancer-binary-keras2.15.0.savedmodel.zip", "model.keras", tmp_path / "member.keras")
    assert facts.notes[0] == "The file is named .keras, but it is a zipped SavedModel; it was opened as what it is."
