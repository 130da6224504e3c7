"""What a trained model says of every sample of a split, as a table."""

from __future__ import annotations

import csv
from pathlib import Path

import keras
import numpy as np

from components.data.columns import Array
from components.data.samples import Samples
from components.recipe import Recipe
from components.training.feed import data_of, feed


def write_predictions(path: Path, recipe: Recipe, model: keras.Model, samples: Samples, part: Array) -> None:
    """Writes a CSV with a line for each sample of `part`.

    Columns: `row`, the sample's place in the dataset from 0; `target`; and what the model gives: one column a class for
    several classes, else `prediction`. Of a model with several outputs, the first is written.
    """
    target = data_of(recipe).target
    outputs = model.predict([array[part] for array in feed(recipe, samples)], verbose=0)
    first = np.asarray(outputs[0] if isinstance(outputs, list) else outputs).reshape(len(part), -1)
    several = first.shape[1] == len(target.classes)
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["row", "target", *(target.classes if several else ["prediction"])])
        for place, line in zip(part, first, strict=True):
            said = samples.target[place]
            table.writerow([samples.rows[place], target.classes[int(said)] if target.classes else said, *line])
