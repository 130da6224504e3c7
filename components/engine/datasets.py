"""Datasets read by a worker; those that are larger than memory are unpacked first, beside their file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from components.data.facts import DatasetFacts
from components.data.unpacked import unpacked_path
from components.engine.client import Engine
from components.recipe import Reading


def read_dataset(engine: Engine, path: Path, file_name: str, sha256: str, reading: Reading | None = None) -> DatasetFacts:
    """Reads a dataset file, without a `reading` as its content suggests.

    Raises:
        Refusal: when it is not a dataset that can be read, or the disk has no room for what it unpacks to.
    """
    asked: dict[str, Any] = {"path": str(path), "file_name": file_name}
    if reading is not None:
        asked["reading"] = reading.model_dump(mode="json")
    answer = engine.request("read_dataset", sha256=sha256, **asked)
    if answer is None:
        engine.request("unpack_dataset", file=str(unpacked_path(path, reading)), **asked)
        answer = engine.request("read_dataset", sha256=sha256, **asked)
    return DatasetFacts.model_validate(answer)
