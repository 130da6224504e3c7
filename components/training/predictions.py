"""What was predicted for every sample of a split: as a table for people, and as arrays of all that predicted."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from components.data.columns import Array
from components.recipe import Target
from components.training.scores import class_shares
from components.training.tested import Part, Tested


def write_predictions(path: Path, tested: Tested) -> None:
    """Writes what the fused model predicts as a CSV with a line for each sample, as `write_table` does, with its target."""
    truth = [words(tested.target, value) for value in tested.truth]
    write_table(path, tested.target, tested.prediction, tested.rows, truth)


def write_table(path: Path, target: Target, prediction: Array, rows: Array, truth: Sequence[object] | None = None) -> None:
    """Writes predictions as a CSV with a line for each sample.

    Columns: `row`, the sample's place in its dataset from 0; `target`, where it is given; `prediction`, a class or a number;
    and for a classification the probability of each class under the class's name.
    """
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["row", *(["target"] if truth is not None else []), "prediction", *target.classes])
        shares = class_shares(prediction) if target.classes else prediction
        for place, line in enumerate(shares):
            said = words(target, line.argmax() if target.classes else line[0])
            known = [] if truth is None else [truth[place]]
            table.writerow([rows[place], *known, said, *(line if target.classes else ())])


def words(target: Target, value: float) -> object:
    """A class by its name, a number as it is."""
    return target.classes[int(value)] if target.classes else value


def keep_predictions(path: Path, tested: Mapping[Part, tuple[Tested, ...]]) -> None:
    """Writes an NPZ of all predictions, so that none has to be made again.

    Arrays, for each part: `test.rows` and `test.target`; `test.fused.<output>` for each output; and for each member and the
    average `test.member.<name>` and `test.average`.
    """
    arrays: dict[str, Array] = {}
    for part, outputs in tested.items():
        first = outputs[0]
        arrays |= {f"{part}.rows": first.rows, f"{part}.target": first.truth}
        arrays |= {f"{part}.fused.{each.output}": each.prediction for each in outputs}
        for each in first.candidates[1:]:
            if each.prediction is not None:
                arrays[f"{part}.average" if each.kind == "average" else f"{part}.member.{each.name}"] = each.prediction
    np.savez_compressed(path, **arrays)  # type: ignore[arg-type]
