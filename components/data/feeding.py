"""One input of a fused model, made of the dataset's columns: numbers, words as categories, gaps filled."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from components.data.categories import one_hot
from components.data.columns import Array, Columns, as_text, missing
from components.data.samples import Floats
from components.data.split import Indices
from components.data.wording import listed
from components.recipe import Input, Refusal
from components.recipe.wording import shown


def column(columns: Columns, name: str) -> Array:
    """The column of this name.

    Raises:
        Refusal: when there is none.
    """
    if name not in columns.arrays:
        raise Refusal(f"The dataset has no {listed([name])}; it has {listed(columns.arrays)}. Choose again on the Data page.")
    return columns.arrays[name]


def fed_array(columns: Columns, wanted: Input, kept: npt.NDArray[np.bool_], training: Indices, notes: list[str]) -> Floats:
    """One input's values without gaps, in the shape that the binding names; what was filled in is told in `notes`."""
    names = wanted.columns if wanted.array is None else (wanted.array,)
    text = [name for name in names if column(columns, name).dtype == object and name not in wanted.categories]
    if text:
        raise Refusal(f"The input “{wanted.name}” takes {listed(text)}, which holds text; only numbers can flow into a model.")
    numbers = [column(columns, name) for name in names if name not in wanted.categories]
    shape = (int(kept.sum()), *(int(axis or -1) for axis in wanted.shape))
    try:
        array = _numbers(numbers if wanted.array is None else numbers[0], kept)
        filled = _fill(array, training)
        if filled:
            notes.append(
                f"{filled:,} missing values of the input “{wanted.name}” were filled with the median of the training samples."
            )
        if wanted.categories:
            hot = [_category(columns, name, wanted, kept, training, notes) for name in names if name in wanted.categories]
            array = np.concatenate([array, *hot], axis=1)
        return array.reshape(shape)
    except ValueError as error:
        raise Refusal(
            f"The input “{wanted.name}” does not have the values for each sample that its shape {wanted.shape} says. "
            "Choose the inputs again on the Data page.",
            detail=shown(error, 300),
        ) from error


def _numbers(values: list[Array] | Array, kept: npt.NDArray[np.bool_]) -> Floats:
    """Numbers as float32, columns side by side, with NaN for a gap."""
    if isinstance(values, list):
        values = np.stack(values, axis=1) if values else np.empty((len(kept), 0))
    # Values beyond float32 become infinite here, and count as missing like those of the file.
    with np.errstate(over="ignore"):
        array = values[kept].astype(np.float32)
    return np.where(np.isfinite(array), array, np.float32(np.nan))


def _category(
    columns: Columns, name: str, wanted: Input, kept: npt.NDArray[np.bool_], training: Indices, notes: list[str]
) -> Floats:
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
    return one_hot(text, categories, training)


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
