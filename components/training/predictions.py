"""What was predicted for every sample: as a table for people, and as arrays of all that predicted."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from components.data.columns import Array
from components.recipe import Target
from components.training.feed import answer_text
from components.training.scores import class_shares
from components.training.tested import Part, Tested


def write_predictions(path: Path, tested: Sequence[Tested]) -> None:
    """Writes what the fused model predicts as a CSV, behind `row`, the place in the dataset from 0, and `target`.

    Args:
        path: The file.
        tested: Outputs of the fused model. The first is written, and before it, under its name, that of each further target.
    """
    first = tested[0]
    before: dict[str, Sequence[object]] = {"row": first.rows.tolist()}
    for name in dict.fromkeys(each.target.name for each in tested if each.target.name != first.target.name):
        other = next(each for each in tested if each.target.name == name)
        before[name] = [answer_text(other.target, value) for value in other.truth]
        said = zip(*lines(other.target, other.prediction), strict=True)
        before |= {f"{name}: {heading}": line for heading, line in zip(headings(other.target), said, strict=True)}
    before["target"] = [answer_text(first.target, value) for value in first.truth]
    write_table(path, first.target, first.prediction, before)


def write_table(path: Path, target: Target, prediction: Array, before: Mapping[str, Sequence[object]]) -> None:
    """Writes predictions as a CSV with a line for each sample; its columns are those of `before`, then `headings`."""
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow([*before, *headings(target)])
        places = zip(*before.values(), strict=True)
        table.writerows([*first, *line] for first, line in zip(places, lines(target, prediction), strict=True))


def headings(target: Target) -> tuple[str, ...]:
    """The columns of a prediction: `prediction`, and for a classification one for each class or label under its name."""
    return ("prediction", *target.classes)


def lines(target: Target, prediction: Array) -> Iterator[list[object]]:
    """For each sample what is predicted, a class, labels or a number, and the probability of each class or label.

    Args:
        target: What is predicted.
        prediction: As in `Candidate`.
    """
    if target.task == "regression":
        yield from ([value] for value in prediction[:, 0])
        return
    several = target.task == "multilabel"
    for line in prediction if several else class_shares(prediction):
        yield [answer_text(target, line if several else line.argmax()), *line]


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
