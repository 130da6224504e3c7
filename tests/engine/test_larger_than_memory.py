"""A dataset of 3 GB trains in a process that stays below 1.5 GB above what it held with TensorFlow and a model loaded."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from components.data.mapped import new_array

SAMPLES, WIDTH = 1_000_000, 768
PROJECT = Path(__file__).parents[2]
TRAIN = """
import json, sys, threading, time
from pathlib import Path
import keras, numpy
from components.data.binding import propose
from components.data.bound import bind
from components.data.read import read_dataset
from components.engine.job import Reporter, Stop
from components.engine.run import run_recipe
from components.fusion.plan import plan
from components.models.intake import open_member, sha256
from components.recipe import Member, Recipe, Training
from components.store.files import Files

folder, checksum, width = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
files, members, facts = Files(folder), [], {}
for name in "ab":
    x = keras.Input((width,))
    path = folder / f"{name}.keras"
    keras.Sequential([x, keras.layers.Dense(32, "relu"), keras.layers.Dense(10, "softmax")]).save(path)
    facts[name] = open_member(path, path.name, files.canonical(sha256(path)))
    frozen = name == "a"
    members.append(Member(name=name, sha256=sha256(path), file_name=path.name, scaling="standard", frozen=frozen))
keras.models.load_model(path).predict(numpy.zeros((2, width)), verbose=0)

def held():
    lines = Path("/proc/self/status").read_text().splitlines()
    return sum(int(line.split()[1]) << 10 for line in lines if line.startswith(("RssAnon:", "RssShmem:")))

before, most = held(), []

def watch():
    while True:
        most.append(held())
        time.sleep(0.01)

threading.Thread(target=watch, daemon=True).start()
path = files.blob(checksum)
data = propose(read_dataset(path, "large.npz", checksum), list(facts.values()))
graph = plan("concatenate", {}, [(each, facts[each.name]) for each in members], data, bind(data, path)).graph
settings = Training(epochs=1, batch_size=256)
recipe = Recipe(members=tuple(members), data=data, layout="concatenate", graph=graph, training=settings)
result = run_recipe(recipe, facts, files, folder, Reporter(1, lambda message: None, Stop()))
print(json.dumps({"grown": max(most) - before, "steps": result.steps}))
"""


@pytest.mark.nightly
@pytest.mark.timeout(1800)
def test_a_dataset_of_three_gigabytes_trains_in_little_memory(tmp_path: Path) -> None:
    checksum = hashlib.sha256(b"large").hexdigest()
    path = tmp_path / "blobs" / checksum[:2] / checksum
    path.parent.mkdir(parents=True)
    random = np.random.default_rng(0)
    target = random.integers(0, 10, SAMPLES)
    centres = random.normal(size=(10, WIDTH)).astype(np.float32)
    with zipfile.ZipFile(path, "w") as archive:
        with new_array(archive, "x", (SAMPLES, WIDTH), np.dtype(np.float32)) as file:
            for begin in range(0, SAMPLES, 10_000):
                part = centres[target[begin : begin + 10_000]]
                file.write((part + random.standard_normal(part.shape, dtype=np.float32)).data)
        with new_array(archive, "y", target.shape, target.dtype) as file:
            file.write(target.data)
    assert path.stat().st_size > 3e9
    command = [sys.executable, "-c", TRAIN, str(tmp_path), checksum, str(WIDTH)]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=1700)
    path.unlink()
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["steps"] == -(-int(0.6 * SAMPLES) // 256)
    assert found["grown"] < 1.5e9, found
