"""Model files made to harm, each with the verdicts that a correct app may give.

The large corpus is generated where its generator is there; a few of its kinds are made here, so that the rest never runs blind.
"""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import keras

MAKER = Path(__file__).parents[3] / "shared" / "hostile" / "make_hostile.py"
CANARY = "CANARY-7f3a9c-DO-NOT-LEAK"
"""Stands in a file that the hostile ones would like to read."""

HEADS = {
    "git lfs pull": b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n",
    "web page": b"\n<!DOCTYPE html><html><body>Not found</body></html>",
    "pickle": b"\x80\x04\x95\x10\x00\x00\x00",
    "TensorFlow Lite": b"\x1c\x00\x00\x00TFL3\x14\x00",
    "ONNX": b"\x08\x07\x12\x07pytorch\x1a\x051.13",
    "safetensors": b"\x40\x00\x00\x00\x00\x00\x00\x00" + b'{"__metadata__":{}}',
    "compressed archive": b"\x1f\x8b\x08\x00",
    "empty zip": b"PK\x05\x06" + bytes(18),
    "NumPy array": b"\x93NUMPY\x01\x00",
    "is empty": b"",
    "neither a .keras archive": b"just text",
    "Tables belong on the Data page": b"width;height\n1,5;2\n",
    "not a Keras model": b'{"some": "json"}',
    "damaged": b"\x89HDF\r\n\x1a\n" + bytes(50),
}
"""Beginnings of files that are no models, by the words that say so."""


class Case(NamedTuple):
    """A file, and the verdicts that are right: accept, accept_warn (with a note), refuse, ask (for another file)."""

    name: str
    path: Path
    verdicts: frozenset[str]

    def right(self, accepted: bool, notes: bool) -> bool:
        """Whether this verdict is one of them; a note too many does no harm."""
        found = {"accept_warn", "accept"} if notes else {"accept"}
        return bool(self.verdicts & (found if accepted else {"refuse", "ask"}))


class Corpus(NamedTuple):
    """Cases in `folder`; what runs although it must not leaves a file in `markers`."""

    folder: Path
    markers: Path
    cases: tuple[Case, ...]


@functools.cache
def corpus() -> Corpus:
    """The large corpus, or the small one where its generator is not here; made once for a whole test run."""
    folder = Path(tempfile.mkdtemp(prefix="hostile-"))
    markers = folder / "markers"
    markers.mkdir()
    return Corpus(folder, markers, tuple(_generated(folder) if MAKER.exists() else _made_here(folder)))


def _generated(folder: Path) -> list[Case]:
    command = [sys.executable, str(MAKER), "--out", "out", "--marker-dir", "markers", "--canary", "canary.txt"]
    # Tables and images are left out: no case of a model starts with these words.
    command += ["--only", "^(?!csv|npz|img|xlsx|parquet|json_lines|tsv|table)"]
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True, timeout=170)
    return [
        Case(case["id"], folder / "out" / case["file"], frozenset({case["expect"], *case["also_ok"]}))
        for case in json.loads((folder / "out" / "manifest.json").read_text())["cases"]
        if case["group"] == "models"
    ]


def _made_here(folder: Path) -> list[Case]:
    (folder / "canary.txt").write_text(CANARY)
    made = []
    for number, data in enumerate(HEADS.values()):
        path = folder / f"head-{number}.keras"
        path.write_bytes(data)
        made.append(path)
    for number, changes in enumerate(
        (
            {"class_name": "Lambda"},
            {"class_name": "StringLookup", "config": {"name": "out", "vocabulary": str(folder / "canary.txt")}},
            {"class_name": "TFSMLayer", "config": {"name": "out", "filepath": str(folder)}},
            {"config": {"name": "out", "units": 2**30}},
        )
    ):
        made.append(with_layer(folder, lambda layer, changes=changes: layer.update(changes)).rename(folder / f"{number}.keras"))
    return [Case(path.name, path, frozenset({"refuse"})) for path in made]


def with_layer(folder: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    """A plain model's file whose last layer was changed."""
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, name="out")], name="model")
    model.save(folder / "plain.keras")
    with zipfile.ZipFile(folder / "plain.keras") as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    configuration = json.loads(entries["config.json"])
    change(configuration["config"]["layers"][-1])
    entries["config.json"] = json.dumps(configuration).encode()
    path = folder / "changed.keras"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return path
