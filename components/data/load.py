"""From a dataset to the arrays that a fused model takes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from components.data.columns import Array, Columns, as_text, missing
from components.data.examples import PREFIX, load_example
from components.data.read import read_columns
from components.data.samples import Floats, Samples
from components.data.split import split
from components.data.wording import listed
from components.recipe import Data, Input, Refusal, Target


def load_samples(data: Data, path: Path | None) -> Samples:
    """Loads a dataset as a recipe binds it.

    Samples without a target are left out. Missing inputs are filled by the median of the training split; both are told.

    Args:
        data: The binding.
        path: The stored file; None for an example.

    Raises:
        Refusal: when the dataset cannot be read, or does not hold what the binding names.
    """
    columns = load_columns(data, path)
    values, kept, notes = _target(columns, data.target)
    unused = [name for name, array in columns.arrays.items() if array.dtype == object and name != data.target.name]
    if unused:
        notes.append(f"Not used, since only numbers can flow into a model: {listed(unused)}.")
    inputs = {each.name: _input(columns, each, kept) for each in data.inputs}
    samples = Samples(inputs, values, data.target.task, np.flatnonzero(kept))
    training = split(samples, data.split).training
    for name, array in inputs.items():
        filled = _fill(array, training)
        if filled:
            notes.append(
                f"{filled:,} missing values of the input “{name}” were filled with the median of the training samples."
            )
    return replace(samples, notes=(*columns.notes, *notes))


def load_columns(data: Data, path: Path | None) -> Columns:
    """The columns of an example, or of the file at `path`.

    Raises:
        Refusal: when they cannot be read.
    """
    if data.sha256.startswith(PREFIX):
        return load_example(data.sha256.removeprefix(PREFIX))
    if path is None:
        raise Refusal(f"The file of the dataset {listed([data.file_name])} is not there any more; upload it again.")
    return read_columns(path, data.file_name, data.reading)


def _column(columns: Columns, name: str) -> Array:
    if name not in columns.arrays:
        raise Refusal(f"The dataset has no {listed([name])}; it has {listed(columns.arrays)}. Choose again on the Data page.")
    return columns.arrays[name]


def _target(columns: Columns, target: Target) -> tuple[Array, npt.NDArray[np.bool_], list[str]]:
    """The target's values without gaps, which samples they belong to, and what is to be told."""
    raw = _column(columns, target.name)
    if raw.ndim != 1:
        raise Refusal(
            f"The target {listed([target.name])} has the shape {raw.shape[1:]} for each sample; one value was expected."
        )
    gaps = missing(raw)
    notes = [f"{gaps.sum():,} samples have no target and were left out."] if gaps.any() else []
    if target.task == "regression":
        if raw.dtype == object:
            raise Refusal(
                f"The target {listed([target.name])} holds text; a regression needs numbers. Choose a classification."
            )
        return raw[~gaps].astype(np.float32), ~gaps, notes
    numbers = {name: number for number, name in enumerate(target.classes)}
    distinct, which = np.unique(raw[~gaps], return_inverse=True)
    texts = as_text(distinct).tolist()
    unknown = [text for text in texts if text not in numbers]
    if unknown:
        raise Refusal(
            f"The target {listed([target.name])} holds {listed(unknown)}, which is none of its classes "
            f"{listed(target.classes)}. Choose the target again on the Data page."
        )
    found = np.array([numbers[text] for text in texts], dtype=np.int64)[which]
    return found.astype(np.float32 if target.task == "binary" else np.int64), ~gaps, notes


def _input(columns: Columns, wanted: Input, kept: npt.NDArray[np.bool_]) -> Floats:
    """One input's values, with NaN for a gap, in the shape that the binding names."""
    parts = [_column(columns, name) for name in (wanted.columns if wanted.array is None else (wanted.array,))]
    if any(part.dtype == object for part in parts):
        text = [name for name in wanted.columns or (wanted.array,) if _column(columns, str(name)).dtype == object]
        raise Refusal(f"The input “{wanted.name}” takes {listed(text)}, which holds text; only numbers can flow into a model.")
    shape = (int(kept.sum()), *(int(axis or -1) for axis in wanted.shape))
    values = parts[0] if wanted.array is not None else np.stack(parts, axis=1)
    try:
        # Values beyond float32 become infinite here, and count as missing like those of the file.
        with np.errstate(over="ignore"):
            array = values[kept].astype(np.float32).reshape(shape)
    except ValueError as error:
        raise Refusal(
            f"The input “{wanted.name}” has {values[0].size} values for each sample; the shape {wanted.shape} was expected."
        ) from error
    return np.where(np.isfinite(array), array, np.float32(np.nan))


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
