"""A run that can be continued, in one file that is whole at every moment: plain values and arrays, nothing pickled."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from components.recipe.whole_file import whole_file

_STATE = "state.json"


@dataclass(frozen=True)
class Checkpoint:
    """What was kept: `state` in plain values, and lists of arrays by name."""

    state: Mapping[str, Any]
    arrays: Mapping[str, list[np.ndarray]]


def write_checkpoint(path: Path, state: Mapping[str, Any], variables: Mapping[str, Iterable[Any]]) -> None:
    """Writes the file; the old one gives way when everything of the new one is on the disk.

    Args:
        path: Of the file.
        state: Plain values that JSON can hold; infinite ones too.
        variables: Lists of Keras variables or arrays by name. Each is read when it is written, so that no copy of all exists.

    Raises:
        OSError: when the disk is full, or the folder cannot be written. What was there before is still there.
    """
    with whole_file(path) as part, open(part, "wb") as file:
        with zipfile.ZipFile(file, "w") as archive:
            for name, group in variables.items():
                for number, variable in enumerate(group):
                    with archive.open(f"{name}/{number}.npy", "w", force_zip64=True) as entry:
                        np.lib.format.write_array(entry, _array(variable), allow_pickle=False)
            archive.writestr(_STATE, json.dumps(state))
        file.flush()
        os.fsync(file.fileno())


def read_checkpoint(path: Path) -> Checkpoint:
    """Reads what was written.

    Raises:
        FileNotFoundError: when there is none.
        ValueError: when this is no such file.
    """
    arrays: dict[str, list[np.ndarray]] = {}
    try:
        with zipfile.ZipFile(path) as archive:
            state = json.loads(archive.read(_STATE))
            for entry in archive.namelist():
                if entry != _STATE:
                    with archive.open(entry) as file:
                        group = arrays.setdefault(entry.rpartition("/")[0], [])
                        group.append(np.lib.format.read_array(file, allow_pickle=False))
    except (zipfile.BadZipFile, KeyError) as error:
        raise ValueError(f"{path.name}: {error}") from error
    return Checkpoint(state, arrays)


def _array(variable: Any) -> Any:
    # A count that a layer keeps, such as that of `Normalization`, is a single number of NumPy, and no array.
    value = variable if isinstance(variable, np.ndarray | np.generic) else variable.numpy()
    # NumPy's files know NumPy's types alone; bfloat16 and its like are kept as numbers that hold them exactly.
    return value if value.dtype.isbuiltin == 1 else value.astype(np.float32)
