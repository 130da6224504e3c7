"""A run that is killed at any moment goes on as if nothing had happened."""

from __future__ import annotations

import csv
import random
import signal
import zipfile
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from components.models.facts import MemberFacts
from components.recipe import Recipe, Training
from components.store import Store
from tests.engine.forked import forked
from tests.engine.killed_runs import run_badly

BATCH = 4


@pytest.fixture
def long(recipe: Recipe) -> Recipe:
    """Two epochs of some hundred steps, with everything that a run must remember."""
    training = Training(
        epochs=2, batch_size=BATCH, learning_rate=1e-3, schedule="cosine", warm_up=1, weight_averaging=0.9, momentum=0.5
    )
    return recipe.model_copy(update={"training": training})


Run = Callable[..., int]


@pytest.fixture
def run(shared_store: Store, long: Recipe, members: dict[str, MemberFacts], tmp_path: Path) -> Run:
    """Trains in a folder of this name, killed or without room on the disk after so many steps; gives the exit status."""

    def run(name: str, kill: int | None = None, full: int | None = None) -> int:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        return forked(run_badly, long, members, shared_store.home, folder, kill, full)

    return run


def curve(folder: Path) -> tuple[list[list[str]], list[float]]:
    """The validation points, and the means of training loss and metric over the run."""
    with open(folder / "history.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    training = [row for row in rows if row["split"] == "training"]
    epochs = np.diff([0.0, *(float(row["epoch"]) for row in training)])
    assert (epochs > 0).all(), "no step is told twice"
    means = [float(np.average([float(row[column]) for row in training], weights=epochs)) for column in ("loss", "accuracy")]
    return [list(row.values()) for row in rows if row["split"] == "validation"], means


def weights(folder: Path) -> dict[str, np.ndarray]:
    found: dict[str, np.ndarray] = {}
    with zipfile.ZipFile(folder / "model.keras") as archive, h5py.File(archive.open("model.weights.h5")) as file:
        file.visititems(lambda name, entry: found.update({name: entry[()]} if isinstance(entry, h5py.Dataset) else {}))
    return found


def assert_same(one: Path, other: Path) -> None:
    first, second = curve(one), curve(other)
    assert first[0] == second[0]
    # Where one point ends and the next begins is a matter of time; the means are not, but for the last batch's size.
    assert first[1] == pytest.approx(second[1], rel=1e-3)
    expected, found = weights(one), weights(other)
    assert expected.keys() == found.keys()
    for name, values in expected.items():
        np.testing.assert_array_equal(values, found[name], err_msg=name)


@pytest.mark.parametrize("times", [2, pytest.param(10, marks=[pytest.mark.nightly, pytest.mark.timeout(900)])])
def test_a_run_killed_at_any_moment_has_the_curve_and_the_weights_of_one_that_was_not(
    run: Run, tmp_path: Path, times: int
) -> None:
    assert run("whole") == 0
    for kill in sorted(random.Random(times).sample(range(40, 500), times)):
        assert run("killed", kill) == -signal.SIGKILL
        assert (tmp_path / "killed" / "checkpoint.npz").exists()
    assert run("killed") == 0
    assert_same(tmp_path / "whole", tmp_path / "killed")
    assert not (tmp_path / "killed" / "checkpoint.npz").exists()


def test_a_full_disk_is_told_in_a_sentence_and_loses_nothing(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "full"
    assert run("full", full=200) == 0
    first, *others = (folder / "said.txt").read_text().splitlines()
    assert not first or "No checkpoint could be written (File too large)" in first, others
    assert "could not be written: File too large" in others[-1] and "resume the run" in others[-1]
    assert not [path.name for path in folder.iterdir() if "part" in path.name] and not (folder / "model.keras").exists()
    validations, _ = curve(folder)
    assert [row[1] for row in validations] == ["0.0", "1.0", "2.0"]
    with np.load(folder / "checkpoint.npz") as kept:
        assert all(np.isfinite(kept[name]).all() for name in kept.files if name.startswith("weights/"))
    (folder / "said.txt").unlink()
    assert run("full") == 0
    assert (folder / "model.keras").exists() and (folder / "analysis.json").exists()
    assert [row[1] for row in curve(folder)[0]] == ["0.0", "1.0", "2.0"]
