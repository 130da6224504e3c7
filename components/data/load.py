"""From a dataset to the arrays that a fused model takes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from components.data.columns import Array, Columns, as_text, missing
from components.data.examples import PREFIX, load_example
from components.data.feeding import column, fed_array
from components.data.labels import label_array
from components.data.on_disk import MOST_IN_MEMORY
from components.data.read import read_columns
from components.data.samples import Samples
from components.data.split import split
from components.data.wording import listed
from components.recipe import Data, Refusal, Split, Target


def load_samples(data: Data, path: Path | None, in_memory: int = MOST_IN_MEMORY) -> Samples:
    """Loads a dataset as a recipe binds it; the inputs of one that takes more than `in_memory` bytes stay on disk.

    Samples without a target are left out. Missing inputs are filled by the median of the training split; both are told.

    Args:
        data: The binding.
        path: The stored file; None for an example.
        in_memory: Bytes.

    Raises:
        Refusal: when the dataset cannot be read, or does not hold what the binding names.
    """
    columns = load_columns(data, path, in_memory)
    (values, *others), kept, notes = _all_targets(columns, data)
    samples = Samples({}, values, data.target.task, np.flatnonzero(kept), (), *split_columns(columns, data.split, kept))
    training = split(samples, data.split).training
    fed = {name for each in data.inputs for name in each.columns}
    predicted = {name for target in data.targets for name in target.sources}
    chosen = {*predicted, data.split.group, data.split.order, *fed}
    unused = [name for name in columns.text_columns if name not in chosen]
    if unused:
        notes.append(f"Not used: {listed(unused)}. Text feeds a model only where it has few different values.")
    inputs = {each.name: fed_array(columns, each, kept, training, notes) for each in data.inputs}
    return replace(samples, inputs=inputs, others=tuple(others), notes=(*columns.notes, *notes))


def split_columns(columns: Columns, shares: Split, kept: npt.NDArray[np.bool_]) -> tuple[Array | None, Array | None]:
    """A number for each sample's group, and one for its place in the order, where the split goes by them; gaps come first.

    Raises:
        Refusal: when the dataset has no such column.
    """
    found: list[Array | None] = []
    for name in (shares.group, shares.order):
        if name is None:
            found.append(None)
            continue
        values = column(columns, name)[kept]
        if values.ndim != 1:
            raise Refusal(
                f"The split cannot go by {listed([name])}, which has several values for each sample; choose a column."
            )
        numbers = np.full(len(values), -1)
        present = ~missing(values)
        numbers[present] = np.unique(values[present], return_inverse=True)[1]
        found.append(numbers)
    return found[0], found[1]


def load_columns(data: Data, path: Path | None, in_memory: int = MOST_IN_MEMORY) -> Columns:
    """The columns of an example, or of the file at `path`; what takes more than `in_memory` bytes stays on disk.

    Raises:
        Refusal: when they cannot be read.
    """
    if data.sha256.startswith(PREFIX):
        return load_example(data.sha256.removeprefix(PREFIX))
    if path is None:
        raise Refusal(f"The file of the dataset {listed([data.file_name])} is not there any more; upload it again.")
    return read_columns(path, data.file_name, data.reading, in_memory)


def _all_targets(columns: Columns, data: Data) -> tuple[list[Array], npt.NDArray[np.bool_], list[str]]:
    """As `target_values` for all targets at once; a sample without one of them is left out."""
    found = [target_values(columns, target) for target in data.targets]
    if len(found) == 1:
        values, kept, notes = found[0]
        return [values], kept, notes
    everywhere: npt.NDArray[np.bool_] = np.all([kept for _, kept, _ in found], axis=0)
    told = [note for _, kept, notes in found for note in notes if note not in _left_out(~kept)]
    return [values[everywhere[kept]] for values, kept, _ in found], everywhere, [*_left_out(~everywhere), *told]


def target_values(columns: Columns, target: Target) -> tuple[Array, npt.NDArray[np.bool_], list[str]]:
    """The target's values without gaps, which samples they belong to, and what is to be told."""
    if target.task == "multilabel":
        told: list[str] = []
        labels, without = label_array(columns, target, told)
        return labels[~without], ~without, [*_left_out(without), *told]
    raw = column(columns, target.name)
    if raw.ndim != 1:
        raise Refusal(
            f"The target {listed([target.name])} has the shape {raw.shape[1:]} for each sample; one value was expected."
        )
    gaps = missing(raw)
    notes = _left_out(gaps)
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


def _left_out(gaps: npt.NDArray[np.bool_]) -> list[str]:
    if not gaps.any():
        return []
    return [
        "A sample has no target and was left out."
        if gaps.sum() == 1
        else f"{gaps.sum():,} samples have no target and were left out."
    ]
