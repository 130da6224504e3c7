"""The command line in processes of its own: some in an interpreter that starts for them, as when a person types it."""

from __future__ import annotations

import csv
import html
import io
import itertools
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import fastjsonschema
import numpy as np
import pandas as pd
import pytest
from scipy import special
from sklearn import datasets

from components.cli import COMMANDS, main
from components.data.stand_in import stand_in
from components.engine.client import stop_supervisor
from components.engine.protocol import address
from components.fusion.layouts import LAYOUTS
from components.models.facts import MemberFacts
from components.recipe import Recipe
from components.store import Store
from tests.engine.conftest import MEMBERS
from tests.engine.forked import tributary
from tests.engine.waiting import until
from tests.models.collection import ENTRIES, TOLERANCE
from tests.plain_keras import PlainKeras


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    assert ended.value.code == 0
    assert " ".join((COMMANDS[name].function(name).__doc__ or "").split()[:5]) in " ".join(capsys.readouterr().out.split())


def test_what_cannot_be_done_is_one_sentence_and_exit_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    nonsense = tmp_path / "recipe.json"
    nonsense.write_text('{"version": 7}')
    for words, sentence in (
        (["inspect", str(tmp_path / "none.keras")], "is not a file"),
        (["script", str(nonsense)], "recipe.json is not a recipe"),
        (["train", str(tmp_path / "none.json"), "--out", str(tmp_path)], "No such file"),
        (["evaluate", str(tmp_path)], "model.keras is not a file. Name the trained model with --model."),
        (["predict", str(nonsense), "--data", "none.csv", "--out", "out.csv"], "none.csv is not a file. Name a file with new"),
    ):
        assert main(words) == 1
        said = capsys.readouterr()
        assert sentence in said.err and said.out == ""


def test_inspect_tells_what_the_app_tells(tmp_path: Path, files: Path, members: dict[str, MemberFacts]) -> None:
    command = [sys.executable, "-m", "components.cli", "inspect", files / MEMBERS["mlp"], "--json"]
    environment = {**os.environ, "TRIBUTARY_HOME": str(tmp_path)}
    done = subprocess.run(command, capture_output=True, text=True, timeout=150, env=environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert MemberFacts.model_validate_json(done.stdout) == members["mlp"]
    assert list((tmp_path / "scratch").iterdir()) == []


KINDS = (
    "-cnn-logits-keras2.15.0.h5",
    "-keras2.12.0.keras",
    "-keras3.3.3.keras",
    "-keras2.15.0.savedmodel.zip",
    ".json",
    "-lambda-",
)
"""One file of each kind, by a part of its name; the bench `collection` goes through all of them."""


@pytest.mark.parametrize("kind", KINDS)
def test_convert_writes_what_predicts_the_same(kind: str, tmp_path: Path, plain_keras: PlainKeras) -> None:
    entry = next(entry for entry in ENTRIES if kind in entry.path.name)
    weights = ("--weights", entry.weights) if entry.weights else ()
    done = tributary(tmp_path, "convert", entry.path, *weights, "--out", tmp_path / "out.keras")
    if entry.refusal:
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith(entry.refusal) and not (tmp_path / "out.keras").exists()
        return
    assert (done.returncode, done.stderr) == (0, "")
    inputs, expected = entry.arrays()
    for predicted, wanted in zip(plain_keras.predict(tmp_path / "out.keras", inputs), expected, strict=True):
        np.testing.assert_allclose(predicted, wanted, atol=TOLERANCE)


def test_layouts_and_schema_are_written_for_other_programs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["layouts", "--json"]) == 0
    listed = {layout["name"]: layout for layout in json.loads(capsys.readouterr().out)}
    assert set(listed) == set(LAYOUTS)
    assert "weights" in listed["weighted-average"]["options"]
    assert main(["schema"]) == 0
    jsonschema = json.loads(capsys.readouterr().out)
    fastjsonschema.compile(jsonschema)(json.loads(Recipe().model_dump_json()))


def test_a_recipe_written_here_builds_what_it_says(tmp_path: Path, files: Path, plain_keras: PlainKeras) -> None:
    names = [MEMBERS["mlp"], MEMBERS["cnn"]]
    for name in names:
        shutil.copy(files / name, tmp_path)
    members = [word for name in names for word in ("--member", name)]
    words = [*members, "--layout", "weighted-average", "--option", "weights=3,1", "--data", "example:digits"]
    written = tributary(tmp_path / "home", "recipe", *words, folder=tmp_path)
    assert written.returncode == 0, written.stderr
    assert written.stderr == ""
    (tmp_path / "recipe.json").write_text(written.stdout)
    fused = tributary(tmp_path / "home", "fuse", "recipe.json", "--out", "fused.keras", folder=tmp_path)
    assert fused.returncode == 0, fused.stderr
    rescaled = [node["options"] for node in json.loads(written.stdout)["graph"]["nodes"] if node.get("operator") == "rescale"]
    to_mlp, to_cnn = (lambda digits, each=each: digits * each["scale"] + each["offset"] for each in rescaled)
    digits = datasets.load_digits().images[:20, :, :, None].astype("float32")
    converted = tributary(tmp_path / "home", "convert", names[0], "--out", "mlp.keras", folder=tmp_path)
    assert converted.returncode == 0, converted.stderr
    [ours] = plain_keras.predict(tmp_path / "fused.keras", [digits])
    [mlp] = plain_keras.predict(tmp_path / "mlp.keras", [to_mlp(digits).reshape(20, 64)])
    [cnn] = plain_keras.predict(tmp_path / names[1], [to_cnn(digits)])
    np.testing.assert_allclose(ours, (3 * mlp + special.softmax(cnn, axis=1)) / 4, atol=1e-5)


def test_a_recipe_needs_no_data(capsys: pytest.CaptureFixture[str], members: dict[str, MemberFacts]) -> None:
    data = stand_in([members["cnn"], members["mlp"]])
    assert data.target.task == "multiclass" and len(data.target.classes) == 10
    assert [each.shape for each in data.inputs] == [(8, 8, 1)]
    assert main(["recipe", "--member", "none.h5", "--layout", "average"]) == 1
    assert "none.h5 is not a file" in capsys.readouterr().err
    assert main(["recipe", "--member", "none.h5", "--layout", "fondue"]) == 1
    assert "No layout is called “fondue”" in capsys.readouterr().err


def test_a_file_that_is_no_model(tmp_path: Path) -> None:
    text = tmp_path / "text.keras"
    text.write_text("hello")
    done = tributary(tmp_path, "convert", text, "--out", tmp_path / "out.keras")
    assert done.returncode == 1 and done.stdout == ""
    assert "Traceback" not in done.stderr and not (tmp_path / "out.keras").exists()


def test_training_from_a_folder_stops_and_goes_on(tmp_path: Path, files: Path, recipe: Recipe, plain_keras: PlainKeras) -> None:
    epochs = 8
    longer = recipe.model_copy(update={"training": recipe.training.model_copy(update={"epochs": epochs})})
    (tmp_path / "recipe.json").write_text(longer.model_dump_json())
    for file in MEMBERS.values():
        shutil.copy(files / file, tmp_path / file)
    words = ("train", "recipe.json", "--out", "trained")
    command = [sys.executable, "-m", "components.cli", *words]
    environment = {**os.environ, "TRIBUTARY_HOME": str(tmp_path / "home"), "PYTHONPATH": str(Path.cwd())}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=tmp_path, env=environment) as process:
        assert process.stderr is not None
        said = list(itertools.takewhile(lambda line: not line.startswith("epoch 1 "), process.stderr))
        process.send_signal(signal.SIGINT)
        said += process.stderr
    assert process.returncode == 130, said
    assert "The same command goes on" in said[-1] and (tmp_path / "trained" / "checkpoint.npz").exists()
    done = tributary(tmp_path / "home", *words, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "goes on from its checkpoint" in done.stderr and "epoch 1 of" not in done.stderr
    assert "test  fused model" in done.stdout
    with open(tmp_path / "trained" / "history.csv", newline="") as file:
        epochs_told = [float(row["epoch"]) for row in csv.DictReader(file) if row["split"] == "validation"]
    assert epochs_told == list(range(epochs + 1))
    left = {path.name for path in (tmp_path / "trained").iterdir()}
    told = {"predictions.csv", "predictions.npz", "analysis.json", "report.html"}
    assert left == {"model.keras", "history.csv", "gradients.npz", "recipe.json", "script.py", *told}
    digits = datasets.load_digits()
    [fused] = plain_keras.predict(tmp_path / "trained" / "model.keras", [digits.images[..., None].astype("float32")])
    left_by_training = pd.read_csv(tmp_path / "trained" / "predictions.csv")
    names = [str(digit) for digit in range(10)]
    np.testing.assert_allclose(left_by_training[names], fused[left_by_training["row"]], atol=1e-6)

    judged = tributary(tmp_path / "home", "evaluate", "trained", "--json", folder=tmp_path)
    assert (judged.returncode, judged.stderr) == (0, "")
    found = json.loads(judged.stdout)
    assert {(score["split"], score["name"]) for score in found["scores"]} == {
        (split, name) for split in ("validation", "test") for name in ("fused model", "mlp", "cnn", "plain average")
    }
    assert found["verdict"] in done.stdout
    assert html.escape(found["verdict"]) in (tmp_path / "trained" / "report.html").read_text()
    assert found["outputs"] == json.loads((tmp_path / "trained" / "analysis.json").read_text())["outputs"]

    np.savez(tmp_path / "new.npz", image=digits.images[40:60])
    words = ["predict", "trained/model.keras", "--data", "new.npz", "--out", "new.csv"]
    predicted = tributary(tmp_path / "home", *words, folder=tmp_path)
    assert (predicted.returncode, predicted.stderr) == (0, "")
    table = pd.read_csv(tmp_path / "new.csv")
    np.testing.assert_allclose(table[names], fused[40:60], atol=1e-6)
    assert (table["prediction"] == fused[40:60].argmax(axis=1)).all()


def test_gradients_of_uploaded_members(shared_store: Store, tmp_path: Path, recipe: Recipe) -> None:
    (tmp_path / "recipe.json").write_text(recipe.model_dump_json())
    done = tributary(shared_store.home, "gradients", tmp_path / "recipe.json", "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["layout"] == "average"
    table = tributary(shared_store.home, "gradients", tmp_path / "recipe.json", "--csv")
    assert pd.read_csv(io.StringIO(table.stdout))["layer"].tolist() == [layer["layer"] for layer in report["layers"]]


def test_a_changed_member_is_refused(tmp_path: Path, recipe: Recipe) -> None:
    (tmp_path / "recipe.json").write_text(recipe.model_dump_json())
    for file in MEMBERS.values():
        (tmp_path / file).write_bytes(b"other bytes")
    done = tributary(tmp_path / "home", "fuse", tmp_path / "recipe.json", "--out", tmp_path / "fused.keras")
    assert done.returncode == 1 and "Put it beside the recipe" in done.stderr
    assert not (tmp_path / "fused.keras").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl+C is a signal elsewhere")
def test_serve_says_its_address_and_ends_with_ctrl_c(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "components.cli", "serve", "--port", str(port)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TRIBUTARY_HOME": str(tmp_path)},
    )
    try:
        assert server.stdout is not None
        assert f"http://127.0.0.1:{port}" in server.stdout.readline()

        def answers() -> bool:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=1) as answer:
                    return bool(answer.status == 200)
            except OSError:
                return False

        until(answers)
        until(lambda: Path(address(tmp_path)).exists())
        server.send_signal(signal.SIGINT)
        assert server.wait(timeout=20) == 0
        server.stdout.close()
    finally:
        server.kill()
        server.wait()
        stop_supervisor(tmp_path)
