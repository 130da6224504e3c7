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
        before |= further_columns(other.target, other.prediction)
    before["target"] = [answer_text(first.target, value) for value in first.truth]
    write_table(path, first.target, first.prediction, before)


def write_table(path: Path, target: Target, prediction: Array, before: Mapping[str, Sequence[object]]) -> None:
    """Writes predictions as a CSV with a line for each sample; its columns are those of `before`, then `headings`."""
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow([*before, *headings(target)])
        places = zip(*before.values(), strict=True)
        table.writerows([*first, *line] for first, line in zip(places, lines(target, prediction), strict=True))


def further_columns(target: Target, prediction: Array) -> dict[str, Sequence[object]]:
    """The columns of a prediction of a further target, each heading behind the target's name."""
    said = zip(*lines(target, prediction), strict=True)
    return {f"{target.name}: {heading}": column for heading, column in zip(headings(target), said, strict=True)}


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
    average `test.member.<name>` and `test.average`. Those of a second target begin with `test.2`, and so on.
    """
    arrays: dict[str, Array] = {}
    for part, outputs in tested.items():
        arrays |= {f"{part}.rows": outputs[0].rows}
        arrays |= {f"{part}.fused.{each.output}": each.prediction for each in outputs}
        by_target: dict[str, Tested] = {}
        for each in outputs:
            by_target.setdefault(each.target.name, each)
        for number, each in enumerate(by_target.values(), start=1):
            begin = part if number == 1 else f"{part}.{number}"
            arrays[f"{begin}.target"] = each.truth
            for candidate in each.candidates[1:]:
                if candidate.prediction is not None:
                    kind = "average" if candidate.kind == "average" else f"member.{candidate.name}"
                    arrays[f"{begin}.{kind}"] = candidate.prediction
    # Digits of probabilities hardly compress, and those of a million samples take half a minute to try.
    np.savez(path, **arrays)  # type: ignore[arg-type]
