"""Valid files, changed in every way: what comes of each is an open model or a refusal, in bounded time and memory.

The same harness runs for longer, led by the lines it reaches, as the bench `fuzz`. What either found is pinned here.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from components.models.intake import open_member
from components.recipe import Refusal
from tests.models.mutate import LONGEST, mutated, seeds
from tests.models.open_many import Opener, unfit

WHOLE = list(seeds().values())


@pytest.fixture(scope="module")
def opener(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opener]:
    with Opener(tmp_path_factory.mktemp("fuzz")) as found:
        found.open(Path(__file__).parents[1] / "files" / "wine-mlp-keras2.15.0.json")  # the first also imports
        yield found


@pytest.mark.parametrize("examples", [150, pytest.param(400, marks=[pytest.mark.nightly, pytest.mark.timeout(900)])])
def test_a_changed_file_opens_or_is_refused(opener: Opener, tmp_path: Path, examples: int) -> None:
    path = tmp_path / "changed"

    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(data=st.binary(min_size=8, max_size=LONGEST))
    def opens_or_is_refused(data: bytes) -> None:
        path.write_bytes(mutated(WHOLE, data))
        assert unfit(opener.open(path)) == ""

    opens_or_is_refused()


@pytest.mark.timeout(20)
@pytest.mark.parametrize("size", [0, 2**64 - 16])
def test_a_heap_that_is_read_for_ever(files: Path, tmp_path: Path, size: int) -> None:
    data = bytearray((files / "cancer-binary-keras2.15.0.h5").read_bytes())
    heap = data.index(b"GCOL")
    struct.pack_into("<HHIQ", data, heap + 16, 1 if size else 0, 1, 0, size)
    (tmp_path / "model.h5").write_bytes(data)
    with pytest.raises(Refusal, match="damaged"):
        open_member(tmp_path / "model.h5", "model.h5", tmp_path / "member.keras")


@pytest.mark.parametrize(
    "value",
    [np.zeros(2**15, "S1000"), np.array(["long"] * 1000, h5py.string_dtype()), np.arange(3)],
    ids=["fixed length", "any length", "numbers"],
)
def test_a_list_of_names_that_is_larger_than_any(files: Path, tmp_path: Path, value: np.ndarray) -> None:
    path = tmp_path / "model.h5"
    with h5py.File(files / "cancer-binary-keras2.15.0.h5") as whole, h5py.File(path, "w", libver="latest") as file:
        file.attrs["model_config"] = whole.attrs["model_config"]
        weights = file.create_group("model_weights")
        weights.create_dataset("other", data=np.random.default_rng(0).random(2**18))
        weights.attrs.create("layer_names", value, dtype=value.dtype)
    with pytest.raises(Refusal, match="damaged"):
        open_member(path, "model.h5", tmp_path / "member.keras")


def test_a_text_that_is_shorter_than_it_says(files: Path, tmp_path: Path, opener: Opener) -> None:
    data = bytearray((files / "cancer-binary-keras2.15.0.h5").read_bytes())
    heap = data.index(b"GCOL")
    reference = next(place for place in range(heap) if data[place + 4 : place + 12] == struct.pack("<Q", heap))
    struct.pack_into("<I", data, reference, 2**32 - 1)
    path = tmp_path / "model.h5"
    path.write_bytes(data)
    answer = opener.open(path)
    assert answer["verdict"] == "refuse" and unfit(answer) == ""
