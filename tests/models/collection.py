"""Real files of Keras 2.12, 2.15 and 3.3, with what they predicted where they were made.

A few lie beside the tests, among them one of each kind; the larger collection is read where it is there.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

import numpy as np

HERE = Path(__file__).parents[1] / "files"
SHARED = Path(__file__).parents[3] / "shared" / "model-files"
TOLERANCE = 1e-5
REFUSED = {
    "lambda": "Layer lambda is a Lambda, which carries code of its own",
    "keras3.3.3.savedmodel": "TensorFlow SavedModel without Keras' description",
}
"""What the sentence of a refused file says, by a part of the file's name."""


class Entry(NamedTuple):
    """A model's file, the arrays of its inputs and outputs, and the file of its weights where they lie apart."""

    path: Path
    reference: Path
    weights: Path | None = None

    def arrays(self) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """The inputs and outputs in the model's order."""
        with np.load(self.reference) as arrays:
            first, second = ([arrays[name] for name in sorted(arrays.files) if name.startswith(key)] for key in "xy")
        return first, second

    @property
    def refusal(self) -> str | None:
        """What the sentence says with which the file is refused; None where it opens."""
        return next((sentence for part, sentence in REFUSED.items() if part in self.path.name), None)


KINDS = (".savedmodel.zip", ".h5", ".keras", ".json")


def _reference(path: Path) -> Path:
    kind = next(kind for kind in KINDS if path.name.endswith(kind))
    return path.with_name(f"{path.name.removesuffix(kind)}.npz")


def _entries() -> list[Entry]:
    apart = {path.name.replace(".weights.h5", ".json"): path for path in HERE.glob("*.weights.h5")}
    whole = [path for path in sorted(HERE.glob("*-keras*")) if path.name.endswith(KINDS) and path not in apart.values()]
    found = [Entry(path, _reference(path), apart.get(path.name)) for path in whole]
    known = {path.name for path in whole}
    for row in json.loads((SHARED / "index.json").read_text()) if SHARED.exists() else ():
        if row["file"] not in known:
            weights = SHARED / row["weights"] if "weights" in row else None
            found.append(Entry(SHARED / row["file"], SHARED / row["reference"], weights))
    return found


ENTRIES = _entries()
OPEN = [entry for entry in ENTRIES if entry.refusal is None]
