"""Real files of Keras 2 and 3 through the command line, each in a process of its own: how many come out wrong."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from pydantic import ValidationError

from components.models.facts import MemberFacts
from tests.bench.bench import Row, bench
from tests.models.collection import ENTRIES, TOLERANCE, Entry
from tests.models.open_many import PROJECT
from tests.plain_keras import PlainKeras


@bench
def collection() -> Iterator[Row]:
    """Every file is converted and inspected: plain Keras predicts with the result as its reference says, or it is refused."""
    plain, wrong, largest = PlainKeras(), {"convert": 0, "inspect": 0}, 0.0
    try:
        with tempfile.TemporaryDirectory() as folder:
            made = Path(folder, "model.keras")
            for entry in ENTRIES:
                made.unlink(missing_ok=True)
                converted = _tributary("convert", entry, Path(folder), "--out", str(made))
                difference = _difference(plain, entry, made)
                largest = max(largest, difference)
                right = {
                    "convert": _told(entry, converted) and difference <= TOLERANCE,
                    "inspect": _inspected(entry, _tributary("inspect", entry, Path(folder), "--json")),
                }
                for command, is_right in right.items():
                    wrong[command] += not is_right
                    if not is_right:
                        print(f"    {entry.path.name} went wrong: {command}, {difference:.1g}, {converted.stderr.strip()}")
    finally:
        plain.close()
    for command, count in wrong.items():
        yield Row(f"Of {len(ENTRIES)} real files, wrong after `tributary {command}`", count, "", 0)
    yield Row("Largest difference of their predictions from the references", largest / TOLERANCE, "× 1e-5", 1)


def _tributary(command: str, entry: Entry, home: Path, *more: str) -> subprocess.CompletedProcess[str]:
    weights = ("--weights", str(entry.weights)) if entry.weights else ()
    return subprocess.run(
        [sys.executable, "-m", "components.cli", command, str(entry.path), *weights, *more],
        capture_output=True,
        text=True,
        cwd=PROJECT,
        env={**os.environ, "TRIBUTARY_HOME": str(home)},
    )


def _told(entry: Entry, done: subprocess.CompletedProcess[str]) -> bool:
    """Whether the command ended as it must: silently well, or with exit status 1 and the sentence on standard error alone."""
    if entry.refusal is None:
        return (done.returncode, done.stderr) == (0, "")
    return (done.returncode, done.stdout) == (1, "") and entry.refusal in done.stderr.splitlines()[0]


def _inspected(entry: Entry, done: subprocess.CompletedProcess[str]) -> bool:
    if entry.refusal or not _told(entry, done):
        return _told(entry, done)
    try:
        facts = MemberFacts.model_validate_json(done.stdout)
    except ValidationError:
        return False
    inputs, outputs = entry.arrays()
    shapes = [[tensor.shape for tensor in tensors] for tensors in (facts.inputs, facts.outputs)]
    return shapes == [[array.shape[1:] for array in arrays] for arrays in (inputs, outputs)]


def _difference(plain: PlainKeras, entry: Entry, made: Path) -> float:
    """The largest between what the converted file predicts and its reference; of a refused file, whether one was left."""
    if entry.refusal or not made.exists():
        return np.inf if made.exists() or entry.refusal is None else 0.0
    inputs, expected = entry.arrays()
    predicted = plain.predict(made, inputs)
    return max(float(np.abs(got - wanted).max()) for got, wanted in zip(predicted, expected, strict=True))
