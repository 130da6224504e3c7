"""Predictions for new samples: of a trained model, from a file, to a table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np

from components.data.columns import Array, Columns
from components.data.new_samples import Reference, prepared, read_new
from components.data.on_disk import Values
from components.data.samples import Samples
from components.recipe import Recipe, Target
from components.training.alone import predict
from components.training.feed import data_of, feed, target_places
from components.training.predicted import Predicted
from components.training.predictions import further_columns, headings, lines, write_table
from components.training.tested import as_probabilities

SHOWN = 20


def predict_file(
    recipe: Recipe, model: keras.Model, path: Path, file_name: str, reference: Reference, table: Path
) -> Predicted:
    """Reads new samples, prepares them as the training samples were, and writes a CSV with a line for each.

    Columns: `row` from 0, for pictures `file`, `prediction`, and for a classification the probability of each class. Of
    several outputs for one target the first is written; a further target has columns of its own, behind its name.

    Args:
        recipe: That of the run.
        model: The trained model.
        path: The new samples.
        file_name: As a person knows the file.
        reference: Gives the recipe's own dataset where gaps must be filled or words turned into places.
        table: Takes the CSV.

    Raises:
        Refusal: when the file cannot be read, or does not hold what the recipe's inputs take.
    """
    data = data_of(recipe)
    columns = read_new(path, file_name, data)
    inputs, notes = prepared(columns, data, reference)
    (target, prediction), *others = predict_new(recipe, model, inputs)
    before: dict[str, Sequence[object]] = {"row": list(range(columns.rows)), **_files(columns)}
    for other in others:
        before |= further_columns(*other)
    write_table(table, target, prediction, before)
    shown = zip(zip(*before.values(), strict=True), lines(target, prediction[:SHOWN]), strict=False)
    return Predicted(
        samples=columns.rows,
        headings=(*before, *headings(target)),
        lines=tuple(tuple(map(_text, [*first, *line])) for first, line in shown),
        notes=(*columns.notes, *notes),
    )


def predict_new(recipe: Recipe, model: keras.Model, inputs: dict[str, Values]) -> list[tuple[Target, Array]]:
    """What a model says of samples, target by target, with logits as probabilities.

    Args:
        recipe: Says what feeds which input of the model.
        model: The trained model.
        inputs: Arrays by the names of the recipe's inputs, all of one length.
    """
    data, places = data_of(recipe), target_places(recipe)
    samples = Samples(inputs, np.empty(0), data.target.task, np.empty(0))
    given = predict(model, feed(recipe, samples))
    said: dict[int, Array] = {}
    for place, output, values in zip(places, model.outputs, given, strict=True):
        said.setdefault(place, as_probabilities(data.targets[place].task, output, values))
    return [(data.targets[place], said[place]) for place in sorted(said)]


def _files(columns: Columns) -> dict[str, Sequence[object]]:
    return {"file": columns.arrays["file"].tolist()} if "picture" in columns.arrays and "file" in columns.arrays else {}


def _text(value: object) -> str:
    """Four digits behind the point; the table holds all."""
    return f"{value:.4f}" if isinstance(value, float | np.floating) else str(value)
