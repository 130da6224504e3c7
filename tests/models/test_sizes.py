"""Files that claim gigabytes for a small model's weights are refused before one of them is read."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest

from components.models.intake import open_member
from components.models.limits import COMPRESSION_RATIO, MEBIBYTE
from components.recipe import Refusal
from tests.models.open_many import Opener, unfit

CLAIMED = 900 * MEBIBYTE


@pytest.fixture(scope="module")
def opener(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opener]:
    with Opener(tmp_path_factory.mktemp("sizes")) as found:
        found.open(Path(__file__).parents[1] / "files" / "wine-mlp-keras2.15.0.json")  # the first also imports
        yield found


@pytest.fixture(scope="module")
def model() -> keras.Model:
    return keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, name="out")])


def _claim(path: Path) -> None:
    """Gives a kernel 900 MiB of compressed numbers, nearly all of them zeros that take no space: just below the limit."""
    with h5py.File(path, "r+") as file:
        kernels: list[str] = []
        file.visititems(lambda name, item: kernels.append(name) if getattr(item, "shape", ()) == (3, 2) else None)
        (kernel,) = kernels
        del file[kernel]
        numbers = file.create_dataset(kernel, (CLAIMED // 4,), "float32", chunks=(MEBIBYTE,), compression="gzip")
        stored = CLAIMED // COMPRESSION_RATIO // 4 + MEBIBYTE
        numbers[:stored] = np.random.default_rng(0).random(stored)


def _hdf5(model: keras.Model, path: Path) -> None:
    model.save(path.with_suffix(".h5"))
    _claim(path.with_suffix(".h5"))
    path.with_suffix(".h5").rename(path)


def _archive(model: keras.Model, path: Path) -> None:
    _repacked(model, path, 0)


def _packed_twice(model: keras.Model, path: Path) -> None:
    """Zeros within the archive too, so that the weights would already grow where they are unpacked."""
    _repacked(model, path, CLAIMED // MEBIBYTE)


def _repacked(model: keras.Model, path: Path, zeros: int) -> None:
    """The model's file with claiming weights, and so many MiB of zeros behind them."""
    plain, weights = path.with_suffix(".plain.keras"), path.with_suffix(".weights.h5")
    model.save(plain)
    with zipfile.ZipFile(plain) as archive, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as repacked:
        weights.write_bytes(archive.read("model.weights.h5"))
        _claim(weights)
        with repacked.open("model.weights.h5", "w") as entry:
            entry.write(weights.read_bytes())
            for _ in range(zeros):
                entry.write(bytes(MEBIBYTE))
        for name in ("config.json", "metadata.json"):
            repacked.writestr(name, archive.read(name))


@pytest.mark.parametrize("make", [_hdf5, _archive, _packed_twice])
def test_weights_that_claim_more_than_the_model_takes(
    make: Callable[[keras.Model, Path], None], model: keras.Model, opener: Opener, tmp_path: Path
) -> None:
    path = tmp_path / "model.keras"
    make(model, path)
    answer = opener.open(path)
    assert answer["verdict"] == "refuse" and "not those of the model" in answer["sentence"]
    assert "the model has 8 numbers, and the file declares 9" in answer["text"]
    assert unfit(answer) == ""


def test_weights_in_a_second_file(model: keras.Model, tmp_path: Path) -> None:
    (tmp_path / "model.json").write_text(model.to_json())
    model.save_weights(tmp_path / "model.weights.h5")
    _claim(tmp_path / "model.weights.h5")
    with pytest.raises(Refusal) as refused:
        open_member(tmp_path / "model.json", "model.json", tmp_path / "member.keras", tmp_path / "model.weights.h5")
    assert "the file declares 9" in refused.value.detail
