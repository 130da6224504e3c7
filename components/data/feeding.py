"""One input of a fused model, made of the dataset's columns: numbers, words as categories, gaps filled."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from components.data.categories import one_hot
from components.data.columns import Array, Columns, as_text, missing
from components.data.feeding_on_disk import medians, on_disk, words
from components.data.on_disk import Floats, OnDisk, Values
from components.data.split import Indices
from components.data.wording import listed
from components.recipe import Input, Refusal
from components.recipe.wording import shown


def column(columns: Columns, name: str) -> Array:
    """The column of this name.

    Raises:
        Refusal: when there is none.
    """
    check_name(columns, name)
    return columns.arrays[name]


def check_name(columns: Columns, name: str) -> None:
    """Refuses a name that no column has.

    Raises:
        Refusal: when there is none.
    """
    if name not in columns.arrays:
        raise Refusal(f"The dataset has no {listed([name])}; it has {listed(columns.arrays)}. Choose again on the Data page.")


def fed_array(columns: Columns, wanted: Input, kept: npt.NDArray[np.bool_], training: Indices, notes: list[str]) -> Values:
    """One input's values without gaps, in the shape that the binding names; what was filled in is told in `notes`."""
    names = wanted.columns if wanted.array is None else (wanted.array,)
    for name in names:
        check_name(columns, name)
    text = [name for name in names if name in columns.text_columns and name not in wanted.categories]
    if text:
        raise Refusal(f"The input “{wanted.name}” takes {listed(text)}, which holds text; only numbers can flow into a model.")
    try:
        values = on_disk(columns, wanted, np.flatnonzero(kept))
        if values is not None:
            return _on_disk(values, columns, wanted, kept, training, notes)
        return _in_memory(columns, wanted, kept, training, notes)
    except ValueError as error:
        raise Refusal(
            f"The input “{wanted.name}” does not have the values for each sample that its shape {wanted.shape} says. "
            "Choose the inputs again on the Data page.",
            detail=shown(error, 300),
        ) from error


def _in_memory(columns: Columns, wanted: Input, kept: npt.NDArray[np.bool_], training: Indices, notes: list[str]) -> Floats:
    numbers = [column(columns, name) for name in wanted.columns if name not in wanted.categories]
    array = _numbers(numbers if wanted.array is None else column(columns, wanted.array), kept)
    _tell_filled(_fill(array, training), wanted, notes)
    if wanted.categories:
        texts = {name: _category(columns, name, wanted, kept, training, notes) for name in _categorical(wanted)}
        hot = [one_hot(text, wanted.categories[name], training) for name, text in texts.items()]
        array = np.concatenate([array, *hot], axis=1)
    return array.reshape(int(kept.sum()), *(int(axis or -1) for axis in wanted.shape))


def _on_disk(
    values: OnDisk, columns: Columns, wanted: Input, kept: npt.NDArray[np.bool_], training: Indices, notes: list[str]
) -> OnDisk:
    filled, fill = medians(values, training)
    _tell_filled(filled, wanted, notes)
    texts = {name: _category(columns, name, wanted, kept, training, notes) for name in _categorical(wanted)}
    categories = [words(text, wanted.categories[name], training, values) for name, text in texts.items()]
    found = replace(values, fill=fill, words=categories, sample=tuple(int(axis or -1) for axis in wanted.shape))
    # Whether a sample has that shape is seen here, and not first in a batch.
    return replace(found, sample=found[:1].shape[1:])


def _categorical(wanted: Input) -> list[str]:
    return [name for name in wanted.columns if name in wanted.categories]


def _tell_filled(filled: int, wanted: Input, notes: list[str]) -> None:
    if filled:
        notes.append(
            f"{filled:,} missing values of the input “{wanted.name}” were filled with the median of the training samples."
        )


def _numbers(values: list[Array] | Array, kept: npt.NDArray[np.bool_]) -> Floats:
    """Numbers as float32, columns side by side, with NaN for a gap."""
    if isinstance(values, list):
        values = np.stack(values, axis=1) if values else np.empty((len(kept), 0))
    # Values beyond float32 become infinite here, and count as missing like those of the file.
    with np.errstate(over="ignore"):
        # In the order of the samples, whatever that of the file: `_fill` changes a flat view of it.
        array = values[kept].astype(np.float32, order="C")
    return np.where(np.isfinite(array), array, np.float32(np.nan))


def _category(
    columns: Columns, name: str, wanted: Input, kept: npt.NDArray[np.bool_], training: Indices, notes: list[str]
) -> Array:
    """A column as text, for the samples that are kept; what becomes of its words is told."""
    values, categories = column(columns, name)[kept], wanted.categories[name]
    text = values if values.dtype == object else as_text(values)
    notes.append(f"{listed([name])} feeds one place for each of its {len(categories)} categories: {listed(categories)}.")
    gaps = missing(text)
    if gaps.any():
        notes.append(
            f"Missing values of {listed([name])} ({gaps.sum():,}) were filled with the training samples' most frequent."
        )
    unseen = [category for category in categories if category not in set(text[training].tolist())]
    if unseen:
        notes.append(f"No training sample of {listed([name])} is {listed(unseen)}; such samples have 0 in all of its places.")
    return text


def _fill(array: Floats, training: npt.NDArray[np.int64]) -> int:
    """Fills gaps in place by the median of the training samples at the same place, or 0 where none of these has a value."""
    gaps = np.isnan(array)
    if not gaps.any():
        return 0
    flat, flat_gaps = array.reshape(len(array), -1), gaps.reshape(len(array), -1)
    for place in np.flatnonzero(flat_gaps.any(axis=0)):
        present = flat[training, place]
        present = present[~np.isnan(present)]
        flat[flat_gaps[:, place], place] = np.median(present) if present.size else 0
    return int(gaps.sum())
