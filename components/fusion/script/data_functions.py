"""Functions that the exported script shows as they stand: from a table to the arrays that a fused model takes."""

from __future__ import annotations

from typing import Any

import numpy as np


def class_name(value: Any) -> str:
    """The text by which a class is named: whole numbers without a decimal point, truth values as `true` and `false`."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def is_known(value: Any) -> bool:
    """Whether a target has a value: a number that is finite, or text."""
    return bool(np.isfinite(value)) if isinstance(value, float) else value is not None


def split(target: np.ndarray, validation: float, test: float, seed: int, classes: int) -> tuple[Any, Any, Any]:
    """Positions of the samples that train, validate and test; `classes` is 0 where classes need not keep their shares."""
    from sklearn.model_selection import train_test_split

    count = len(target)
    validating, testing = max(1, round(validation * count)), max(1, round(test * count))
    stratify = target.astype("int64") if classes else None
    if stratify is not None:
        counts = np.unique(stratify, return_counts=True)[1]
        if counts.min() < 3 or min(validating, testing, count - validating - testing) < len(counts):
            stratify = None
    rest, tested = train_test_split(np.arange(count), test_size=testing, random_state=seed, stratify=stratify)
    of_rest = None if stratify is None else stratify[rest]
    trained, validated = train_test_split(rest, test_size=validating, random_state=seed, stratify=of_rest)
    return np.sort(trained), np.sort(validated), np.sort(tested)


def fill_gaps(values: np.ndarray, training: np.ndarray) -> np.ndarray:
    """Values with each gap filled by the median of the training samples at the same place, or 0 where none has a value."""
    flat = np.where(np.isfinite(values), values, np.nan).reshape(len(values), -1).astype("float32")
    for place in np.flatnonzero(np.isnan(flat).any(axis=0)):
        present = flat[training, place][~np.isnan(flat[training, place])]
        flat[np.isnan(flat[:, place]), place] = np.median(present) if present.size else 0
    return flat.reshape(values.shape)


def read_archive(path: str) -> dict[str, np.ndarray]:
    """The arrays of an NPZ file: parts such as `x_train` and `x_test` are joined, one-hot targets become class numbers."""
    parts: dict[str, list[np.ndarray]] = {}
    with np.load(path) as archive:
        for name in archive.files:
            stem, _, part = name.rpartition("_")
            is_part = stem and part.lower() in ("train", "valid", "validation", "val", "test")
            parts.setdefault(stem if is_part else name, []).append(archive[name])
    columns = {name: np.concatenate(arrays) for name, arrays in parts.items()}
    for name, values in columns.items():
        if values.ndim == 2 and values.shape[1] == 1:
            columns[name] = values[:, 0]
        elif values.ndim == 2 and name.lower() in ("y", "target", "label", "labels") and np.all(values.sum(axis=1) == 1):
            columns[name] = values.argmax(axis=1)
    return columns
