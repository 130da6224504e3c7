"""Layers of a person's own: refused as any code, opened and trained with where their module is named, never for others."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from components.engine.own_modules import check_address, trusted_modules
from components.engine.surroundings import PARENT, surroundings
from components.models.facts import MemberFacts
from components.recipe import Member, Recipe, Refusal
from tests.engine.forked import tributary
from tests.plain_keras import PlainKeras

PROJECT = Path(__file__).parents[2]
MODULE = """
import keras


@keras.saving.register_keras_serializable(package="mine")
class Steep(keras.layers.Layer):
    def __init__(self, slope, **settings):
        super().__init__(**settings)
        self.slope = slope

    def build(self, shape):
        self.weight = self.add_weight(shape=(shape[-1],), initializer="ones", name="weight")

    def call(self, x):
        return x * self.slope * self.weight

    def get_config(self):
        return {**super().get_config(), "slope": self.slope}


class Plain(Steep):
    pass
"""
MAKE = """
import sys
sys.path.insert(0, "modules")
import keras, own_layers
for suffix in ("keras", "h5"):
    x = keras.Input((8, 8, 1), name="image")
    hidden = own_layers.Steep(2.0, name="steep")(keras.layers.Flatten()(x))
    hidden = own_layers.Plain(0.5, name="plain")(keras.layers.Dense(6, name="hidden")(hidden))
    model = keras.Model(x, keras.layers.Dense(10, activation="softmax", name="out")(hidden), name="own")
    model.save(f"own.{suffix}")
    results = {"y": model(__import__("numpy").ones((1, 8, 8, 1)))}
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, plain_keras: PlainKeras) -> Path:
    """A home folder with a module that nothing names yet, and models of its layers."""
    folder = tmp_path_factory.mktemp("own")
    (folder / "modules").mkdir()
    (folder / "modules" / "own_layers.py").write_text(MODULE)
    plain_keras.run(MAKE, folder)
    return folder


def name_module(home: Path) -> None:
    (home / "tributary.toml").write_text('trusted_modules = ["own_layers"]\n')


def test_refused_until_its_module_is_named(home: Path) -> None:
    (home / "tributary.toml").unlink(missing_ok=True)
    done = tributary(home, "inspect", home / "own.keras")
    assert done.returncode == 1 and "Layer steep is a Steep, which Keras does not bring along" in done.stderr
    name_module(home)
    done = tributary(home, "inspect", home / "own.h5", "--json")
    assert done.returncode == 0, done.stderr
    facts = MemberFacts.model_validate_json(done.stdout)
    assert "It uses your module own_layers: Plain, Steep." in facts.notes
    assert [layer.kind for layer in facts.layers][1:4] == ["Steep", "Dense", "Plain"]


def test_a_worker_opens_it_and_tells_what_it_trusts(home: Path) -> None:
    name_module(home)
    for folder in ("blobs", "members", "scratch"):
        (home / folder).mkdir(exist_ok=True)
    blob = home / "blobs" / "own"
    blob.write_bytes((home / "own.keras").read_bytes())
    question = {"path": str(blob), "file_name": "own.keras", "canonical": str(home / "scratch" / "member.keras")}
    worker = subprocess.run(
        [sys.executable, "-m", "components.engine.worker", "--home", str(home), "--memory", str(8 << 30)],
        input=json.dumps({"name": "open_member", "parameters": question}) + "\n",
        capture_output=True,
        text=True,
        cwd=home / "scratch",
        timeout=120,
        env={**os.environ, **surroundings(home / "scratch"), "PYTHONPATH": str(PROJECT), PARENT: str(os.getpid())},
    )
    assert worker.stdout, worker.stderr
    ready, answer = map(json.loads, worker.stdout.splitlines())
    assert ready["trusted"] == ["own_layers"]
    assert "It uses your module own_layers: Plain, Steep." in answer["answer"]["notes"]


def test_a_fusion_with_it_trains_and_is_exported(
    home: Path, recipe: Recipe, files: Path, tmp_path: Path, plain_keras: PlainKeras
) -> None:
    name_module(home)
    checksum = hashlib.sha256((home / "own.keras").read_bytes()).hexdigest()
    own = Member(name="cnn", sha256=checksum, file_name="own.keras")
    chosen = tuple(own if member.name == "cnn" else member for member in recipe.members)
    other = next(member for member in recipe.members if member.name != "cnn")
    (tmp_path / "recipe.json").write_text(recipe.model_copy(update={"members": chosen}).model_dump_json())
    (tmp_path / "own.keras").write_bytes((home / "own.keras").read_bytes())
    (tmp_path / other.file_name).write_bytes((files / other.file_name).read_bytes())
    done = tributary(home, "train", "recipe.json", "--out", "trained", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    loading = (
        f"import sys; sys.path.insert(0, {str(home / 'modules')!r}); import own_layers, keras, numpy\n"
        "model = keras.models.load_model('trained/model.keras', custom_objects={'Plain': own_layers.Plain})\n"
        "results = {'y': model(numpy.zeros((2, 8, 8, 1)))}"
    )
    assert plain_keras.run(loading, tmp_path)["y"].shape == (2, 10)


@pytest.mark.parametrize("address", [None, "", "0.0.0.0", "::", "192.168.1.4", "example.org"])
def test_nobody_else_may_reach_an_app_that_trusts_modules(home: Path, tmp_path: Path, address: str | None) -> None:
    name_module(home)
    with pytest.raises(Refusal, match="others could run that code"):
        check_address(home, address)
    for own in ("127.0.0.1", "localhost", "::1"):
        check_address(home, own)
    check_address(tmp_path, address)


def test_the_app_does_not_start_for_others(home: Path) -> None:
    name_module(home)
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.address=0.0.0.0", "--server.headless=true"]
    environment = {**os.environ, "TRIBUTARY_HOME": str(home), "STREAMLIT_SERVER_PORT": "0"}
    done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode != 0 and "others could run that code" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("text", ["trusted_modules = 3", 'trusted_modules = ["os; x"]', "other = 1", "trusted_modules ="])
def test_a_file_that_says_something_else_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "tributary.toml").write_text(text)
    with pytest.raises(Refusal, match=r"tributary\.toml"):
        trusted_modules(tmp_path)
