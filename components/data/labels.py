"""A target of several labels at once, as columns of 0 and 1."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from components.data.columns import Array, Columns, missing
from components.data.marked_text import marked_labels, words_of
from components.data.on_disk import Floats
from components.data.wording import listed
from components.recipe import Refusal, Target
from components.recipe.reading import MARKS


def label_array(columns: Columns, target: Target, notes: list[str]) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """A target of several labels as 0 and 1, of shape (n, labels), and which of the samples have no target.

    A sample has none where one of its columns has a gap. Text without a word is read as none of the labels, and told.

    Raises:
        Refusal: when the dataset has no such columns, or they hold something else than 0 and 1 or the target's labels.
    """
    arrays = [columns.arrays[name] for name in target.sources if name in columns.arrays]
    if len(arrays) < len(target.sources):
        raise Refusal(
            f"The dataset lacks a column of the target {listed([target.name])}; it has {listed(columns.arrays)}. "
            "Choose the target again on the Data page."
        )
    if target.separator is not None:
        return _from_text(arrays[0], target, notes)
    values = np.stack(arrays, axis=1) if target.columns else arrays[0]
    if values.dtype == object or values.shape[1:] != (len(target.classes),):
        raise Refusal(
            f"The target {listed([target.name])} holds text, or not one value for each of its {len(target.classes)} labels; "
            "columns of 0 and 1 were expected. Choose the target again on the Data page."
        )
    gaps: npt.NDArray[np.bool_] = np.asarray(missing(values).any(axis=1))
    if not np.isin(values[~gaps], (0, 1)).all():
        raise Refusal(f"The target {listed([target.name])} holds other numbers than 0 and 1, which say which labels apply.")
    return np.where(gaps[:, None], 0, values).astype(np.float32), gaps


def _from_text(values: Array, target: Target, notes: list[str]) -> tuple[Floats, npt.NDArray[np.bool_]]:
    if values.dtype != object:
        raise Refusal(f"The target {listed([target.name])} holds numbers; text with a mark between labels was expected.")
    mark = MARKS[target.separator or "semicolon"]
    present = values[~missing(values)]
    unknown = sorted(set(words_of(*np.unique(present, return_counts=True), mark)) - set(target.classes))
    if unknown:
        raise Refusal(
            f"The target {listed([target.name])} names {listed(unknown)}, which is none of its labels "
            f"{listed(target.classes)}. Choose the target again on the Data page."
        )
    empty = int(missing(values).sum())
    if empty:
        notes.append(f"{empty:,} samples name no label in {listed([target.name])}; they were read as having none of them.")
    return marked_labels(values, target.classes, mark), np.zeros(len(values), dtype=bool)
