"""New samples for a trained model: read like the recipe's dataset, and prepared as its training samples were."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import numpy as np

from components.data.columns import Array, Columns, as_text, missing
from components.data.feeding import fed_array
from components.data.load import target_values
from components.data.new_pictures import read_new_pictures
from components.data.on_disk import Values, taken
from components.data.read import read_columns
from components.data.samples import Samples
from components.data.split import Indices
from components.data.wording import listed
from components.recipe import Data, Input, PictureReading, Reading, Refusal
from components.recipe.wording import shown

Reference = Callable[[], tuple[Columns, Indices]]
"""Gives the recipe's own dataset, and which of its rows trained the model."""


def read_new(path: Path, file_name: str, data: Data) -> Columns:
    """Reads a file with new samples as the recipe's dataset is read, or as its content suggests where that does not fit.

    Raises:
        Refusal: when it cannot be read, or lacks what the recipe's inputs take; the sentence names it.
    """
    if isinstance(data.reading, PictureReading):
        return read_new_pictures(path, file_name, data.reading)
    wanted = dict.fromkeys(name for each in data.inputs for name in _sources(each))
    refused: Refusal | None = None
    readings: Sequence[Reading | None] = (data.reading, None) if data.reading else (None,)
    for reading in readings:
        try:
            columns = read_columns(path, file_name, reading)
            absent = [name for name in wanted if name not in columns.arrays]
            if not absent:
                return columns
            raise Refusal(
                f"{shown(file_name)} has no {listed(absent)}, which the model takes; it has {listed(columns.arrays)}. "
                "Columns are found by their names, in any order."
            )
        except Refusal as no:
            refused = refused or no
    assert refused is not None
    raise refused


def prepared(columns: Columns, data: Data, reference: Reference) -> tuple[dict[str, Values], tuple[str, ...]]:
    """The inputs of new samples by their names, and what is to be told.

    Gaps are filled, and words become places, by what the training samples say: wherever there are any, the training samples
    are laid before the new ones, and both are prepared together by the function that prepared the former alone.

    Args:
        columns: The new samples.
        data: How the recipe binds its dataset.
        reference: Is asked for that dataset where it is needed, and only then.

    Raises:
        Refusal: when values do not fit an input, or the dataset is needed and not there.
    """
    notes: list[str] = []
    known = cache(reference)
    inputs = {each.name: _prepared(columns, each, known, notes) for each in data.inputs}
    return inputs, tuple(dict.fromkeys(notes))


def _prepared(columns: Columns, wanted: Input, reference: Reference, notes: list[str]) -> Values:
    names = _sources(wanted)
    gaps = any(missing(columns.arrays[name]).any() for name in names)
    if not gaps and not wanted.categories:
        return fed_array(columns, wanted, np.ones(columns.rows, bool), np.arange(0), notes)
    before, training = reference()
    joined = {name: _joined(before.arrays[name][training], columns.arrays[name]) for name in names}
    everything = np.ones(len(training) + columns.rows, bool)
    values = fed_array(Columns(joined), wanted, everything, np.arange(len(training)), [])
    if gaps:
        notes.append(f"Missing values of the input “{wanted.name}” were filled by what the training samples have.")
    for name, categories in wanted.categories.items():
        found = as_text(columns.arrays[name]) if columns.arrays[name].dtype != object else columns.arrays[name]
        unknown = sorted({value for value in found.tolist() if value is not None} - set(categories))
        if unknown:
            notes.append(f"The model does not know {listed(unknown)} of {listed([name])}; such samples have 0 in its places.")
    return values[np.arange(len(training), len(everything))]


def _joined(before: Array, after: Array) -> Array:
    """Both as text where one of them is."""
    parts = [before, after]
    if object in (before.dtype, after.dtype):
        parts = [each if each.dtype == object else as_text(each) for each in parts]
    return np.concatenate(parts)


def _sources(wanted: Input) -> tuple[str, ...]:
    return wanted.columns if wanted.array is None else (wanted.array,)


def labelled(path: Path, file_name: str, data: Data, reference: Reference) -> Samples:
    """Samples of another file than the recipe's, whose target is known; those without a target are left out.

    Args:
        path: The file.
        file_name: As a person knows it.
        data: How the recipe binds its dataset.
        reference: As for `prepared`.

    Raises:
        Refusal: when it cannot be read, or lacks what the inputs take, or the target.
    """
    pictures = isinstance(data.reading, PictureReading)
    columns = read_columns(path, file_name, data.reading) if pictures else read_new(path, file_name, data)
    target, kept, notes = target_values(columns, data.target)
    if not len(target):
        raise Refusal(f"{shown(file_name)} has no sample with a target, so nothing can be judged on it.")
    inputs, told = prepared(columns, data, reference)
    rows = np.flatnonzero(kept)
    taken_inputs = {name: taken(values, rows) for name, values in inputs.items()}
    return Samples(taken_inputs, target, data.target.task, rows, (*columns.notes, *notes, *told))
