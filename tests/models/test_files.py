"""Real files of Keras 2.12, 2.15 and 3.3 open, and predict what they predicted where they were made."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest

from components.models.formats.architecture import FILLED
from components.models.intake import open_member
from components.models.load import load_canonical
from components.recipe import Refusal
from tests.plain_keras import PlainKeras

HERE = Path(__file__).parents[1] / "files"
SHARED = Path(__file__).parents[3] / "shared" / "model-files"
TOLERANCE = 1e-5


def _entries() -> list[tuple[Path, Path, Path | None]]:
    """Model file, reference and second file of each: those beside the tests, and the larger collection where it is there."""
    files = {
        path: (path.with_suffix(".npz"), None)
        for path in sorted(HERE.glob("*keras*"))
        if path.suffix in (".h5", ".keras") and path.with_suffix(".npz").exists() and not path.name.endswith(".weights.h5")
    }
    architecture = HERE / "wine-mlp-keras2.15.0.json"
    files[architecture] = (architecture.with_suffix(".npz"), HERE / "wine-mlp-keras2.15.0.weights.h5")
    if SHARED.exists():
        for entry in json.loads((SHARED / "index.json").read_text()):
            if entry["file"] not in {path.name for path in files}:
                second = SHARED / entry["weights"] if "weights" in entry else None
                files[SHARED / entry["file"]] = (SHARED / entry["reference"], second)
    return [(path, *rest) for path, rest in files.items()]


ENTRIES = _entries()
OPEN = [entry for entry in ENTRIES if "lambda" not in entry[0].name and "keras3.3.3.savedmodel" not in entry[0].name]
LAMBDAS = [entry[0] for entry in ENTRIES if "lambda" in entry[0].name]
EXPORTED = [entry[0] for entry in ENTRIES if "keras3.3.3.savedmodel" in entry[0].name]


def _name(value: object) -> str:
    return value.name if isinstance(value, Path) else ""


@pytest.mark.parametrize(("path", "reference", "weights"), OPEN, ids=_name)
def test_predicts_as_it_did(path: Path, reference: Path, weights: Path | None, plain_keras: PlainKeras, tmp_path: Path) -> None:
    canonical = tmp_path / "member.keras"
    facts = open_member(path, path.name, canonical, weights)
    with np.load(reference) as arrays:
        inputs = [arrays[name] for name in sorted(arrays.files) if name.startswith("x")]
        expected = [arrays[name] for name in sorted(arrays.files) if name.startswith("y")]
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


@pytest.mark.parametrize("path", LAMBDAS, ids=_name)
def test_a_lambda_is_refused_with_its_place(path: Path, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=r"^Layer lambda is a Lambda, which carries code of its own"):
        open_member(path, path.name, tmp_path / "member.keras")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("path", EXPORTED, ids=_name)
def test_an_exported_graph_is_named_for_what_it_is(path: Path, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=r"TensorFlow SavedModel without Keras' description"):
        open_member(path, path.name, tmp_path / "member.keras")


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


def test_weights_that_are_not_numbers_are_told(tmp_path: Path) -> None:
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.set_weights([np.array([[np.nan], [1.0]]), np.zeros(1)])
    model.save(tmp_path / "nan.keras")
    facts = open_member(tmp_path / "nan.keras", "nan.keras", tmp_path / "member.keras")
    assert not facts.finite and any("not a number" in note for note in facts.notes)


@pytest.mark.skipif(not SHARED.exists(), reason="the collection with SavedModels is not here")
def test_a_saved_model_under_another_name(tmp_path: Path) -> None:
    path = SHARED / "digits-mlp-keras2.15.0.savedmodel.zip"
    facts = open_member(path, "model.keras", tmp_path / "member.keras")
    assert facts.notes[0] == "The file is named .keras, but it is a zipped SavedModel; it was opened as what it is."
