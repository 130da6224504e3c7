"""Files made to harm: each gets the verdict that its maker wrote down, nothing of it runs, and the process stays as it was."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import h5py
import keras
import pytest

from components.models.intake import open_member
from components.models.load import load_canonical
from components.recipe import Refusal
from tests.models.hostile import CANARY, HEADS, MAKER, corpus, with_layer
from tests.models.open_many import Opener, unfit


@pytest.mark.timeout(300)
def test_corpus(tmp_path: Path) -> None:
    folder, markers, cases = corpus()
    assert len(cases) >= (70 if MAKER.exists() else 15)
    before = set(folder.rglob("*"))
    wrong = []
    with Opener(tmp_path) as opener:
        for case in cases:
            answer = opener.open(case.path)
            right = case.right(answer["verdict"] == "accept", bool(answer.get("notes")))
            if not right or CANARY in answer["text"] or unfit(answer):
                wrong.append((case, answer))
    assert not wrong
    assert not list(markers.iterdir()) and before == set(folder.rglob("*"))


SETS_FLOATX = {"module": "keras.config", "class_name": "function", "config": "set_floatx", "registered_name": "set_floatx"}
"""A function of Keras itself, which would change every model of the process."""


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"class_name": "Lambda"}, "Layer out is a Lambda, which carries code"),
        ({"config": {"name": "out", "units": 2, "kernel_initializer": SETS_FLOATX}}, "Layer out holds a function"),
        (
            {"module": "keras.config", "class_name": "set_floatx", "config": {"value": "float16"}},
            "is a set_floatx, which Keras",
        ),
        ({"class_name": "TFSMLayer", "module": "keras.layers"}, "Layer out is a TFSMLayer, which carries code"),
        ({"class_name": "Popen", "module": "subprocess"}, "Layer out is a Popen, which Keras does not bring along"),
        ({"module": "my_project.layers"}, "Layer out is a Dense, which Keras does not bring along"),
        ({"registered_name": "mine>Dense"}, "Layer out is a Dense, which Keras does not bring along|and a mine>Dense at once"),
        ({"class_name": "StringLookup", "config": {"name": "out", "vocabulary": "/etc/passwd"}}, "wants to read a file"),
        ({"config": {"name": "out", "units": 2, "activation": "os.system"}}, "asks for the activation os.system"),
        ({"config": {"name": "out", "units": 2**40}}, "too large for any layer"),
        ({"class_name": "Rescaling", "config": {"name": "out", "scale": 1e39}}, "too large for any layer"),
        ({"config": {"name": "out", "units": 2**30}}, "parameters; models of up to"),
        ({"class_name": "RepeatVector", "config": {"name": "out", "n": 2**30}}, "numbers for one sample"),
        ({"config": {"name": "out", "units": "two"}}, "Keras cannot build layer out"),
        ({"config": None}, "damaged"),
        ({"class_name": ["Dense"]}, "damaged"),
    ],
    ids=str,
)
def test_refused_before_keras_builds_it(changes: dict[str, Any], sentence: str, tmp_path: Path) -> None:
    path = with_layer(tmp_path, lambda layer: layer.update(changes))
    with pytest.raises(Refusal, match=sentence):
        open_member(path, "changed.keras", tmp_path / "member.keras")
    assert not (tmp_path / "member.keras").exists() and keras.config.floatx() == "float32"


def test_a_canonical_file_is_scanned_again(tmp_path: Path) -> None:
    path = with_layer(tmp_path, lambda layer: layer.update(class_name="Lambda"))
    with pytest.raises(Refusal, match="Lambda"):
        load_canonical(path)


def test_weights_in_another_file_are_refused(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret" * 100)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, name="out")])
    model.save(tmp_path / "model.h5")
    with h5py.File(tmp_path / "model.h5", "r+") as file:
        place = "model_weights/out/" + next(name for name in file["model_weights/out"])
        names: list[str] = []
        file[place].visit(names.append)
        kernel = f"{place}/{next(name for name in names if name.endswith('kernel'))}"
        del file[kernel]
        file.create_dataset(kernel, shape=(3, 2), dtype="float32", external=[(str(tmp_path / "secret"), 0, 24)])
    with pytest.raises(Refusal, match="lies in another file"):
        open_member(tmp_path / "model.h5", "model.h5", tmp_path / "member.keras")


@pytest.mark.parametrize(
    ("entry", "words"),
    [("xl/workbook.xml", "Tables belong on the Data page"), ("x.npy", "Arrays and pictures belong on the Data")],
)
def test_data_are_sent_to_their_page(entry: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "data.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(entry, b"data")
    with pytest.raises(Refusal, match=words):
        open_member(path, "data.zip", tmp_path / "member.keras")


@pytest.mark.parametrize(("words", "data"), HEADS.items(), ids=HEADS)
def test_what_it_is_instead(words: str, data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    path.write_bytes(data)
    with pytest.raises(Refusal, match=words):
        open_member(path, "model.keras", tmp_path / "member.keras")
