"""Functions that the exported script shows as they stand: from a table to the arrays that a fused model takes."""

from __future__ import annotations

from typing import Any

import numpy as np

from components.data.frames import column_array, column_names, plain_frame
from components.data.picture_values import class_folders, is_picture, picture_values


def class_name(value: Any) -> str:
    """The text by which a class is named: whole numbers without a decimal point, truth values as `true` and `false`."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def is_known(value: Any) -> bool:
    """Whether a target has a value: a number that is finite, or text."""
    return bool(np.isfinite(value)) if isinstance(value, float) else value is not None


def split(
    target: np.ndarray,
    validation: float,
    test: float,
    seed: int,
    classes: int,
    calibration: float = 0.0,
    groups: np.ndarray | None = None,
    order: np.ndarray | None = None,
) -> tuple[Any, Any, Any]:
    """Positions of the samples that train, validate and test; `classes` is 0 where classes need not keep their shares.

    Samples of one of the `groups` stay together; in an `order` the last samples are the test. Those for calibration are left
    out.
    """
    from sklearn.model_selection import train_test_split

    groups = np.arange(len(target)) if groups is None else groups
    rest = np.unique(groups)
    validating, testing = max(1, round(validation * len(rest))), max(1, round(test * len(rest)))
    calibrating = max(1, round(calibration * len(rest))) if calibration else 0
    if order is not None:
        ends = np.cumsum([len(rest) - testing - validating - calibrating, calibrating, validating])
        trained, _, validated, tested = np.split(np.argsort(order, kind="stable"), ends)
        return np.sort(trained), np.sort(validated), np.sort(tested)
    sizes = [size for size in (testing, validating, calibrating) if size]
    stratify = target.astype("int64") if classes and len(rest) == len(target) else None
    if stratify is not None:
        counts = np.unique(stratify, return_counts=True)[1]
        if counts.min() <= len(sizes) or min(*sizes, len(rest) - sum(sizes)) < len(counts):
            stratify = None
    drawn = []
    for size in sizes:
        of_rest = None if stratify is None else stratify[rest]
        rest, taken = train_test_split(rest, test_size=size, random_state=seed, stratify=of_rest)
        drawn.append(taken)
    trained, validated, tested = (np.flatnonzero(np.isin(groups, units)) for units in (rest, drawn[1], drawn[0]))
    return trained, validated, tested


def numbered(values: np.ndarray) -> np.ndarray:
    """A number for each value in their sorted order, and -1 for a gap."""
    known = np.array([is_known(value) for value in values.tolist()])
    numbers = np.full(len(values), -1)
    numbers[known] = np.unique(values[known], return_inverse=True)[1]
    return numbers


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


def read_parquet(path: str) -> dict[str, np.ndarray]:
    """The columns of a Parquet table that hold numbers, truth values, text or times."""
    import pyarrow.parquet as pq

    table = plain_frame(pq.read_table(path))
    names = [name for name in table.columns if not name.startswith("__index_level_")]
    return {shown: column_array(table[name]) for shown, name in zip(column_names(names), names, strict=True)}


def read_sheet(path: str, title_rows: int, header: bool) -> dict[str, np.ndarray]:
    """The columns of the first sheet of an Excel workbook; dates are the days that Excel counts. Needs openpyxl."""
    import pandas as pd

    table = pd.read_excel(path, header=None).dropna(how="all").iloc[title_rows:]
    first = [int(name) if isinstance(name, float) and name.is_integer() else name for name in table.iloc[0]]
    names = ["" if pd.isna(name) or not header else str(name) for name in first]
    table = (table.iloc[1:] if header else table).infer_objects()
    for name in table.columns:
        if table[name].dtype.kind == "M":
            table[name] = (table[name] - pd.Timestamp("1899-12-30")) / pd.Timedelta(days=1)
    return {name: column_array(table.iloc[:, place]) for place, name in enumerate(column_names(names))}


def read_pictures(path: str, height: int, width: int, colour: bool) -> dict[str, np.ndarray]:
    """The pictures of a zip archive and the folders that are their classes; what cannot be read is left out."""
    import zipfile
    from io import BytesIO

    from PIL import Image

    pictures, folders = [], []
    with zipfile.ZipFile(path) as archive:
        for name, folder in class_folders(filter(is_picture, archive.namelist())).items():
            try:
                with Image.open(BytesIO(archive.read(name))) as image:
                    pictures.append(picture_values(image, height, width, colour))
            except Exception:
                continue
            folders.append(folder)
    names = sorted(set(folders))
    shown = dict(zip(names, column_names(names), strict=True))
    return {"picture": np.stack(pictures), "class": np.array([shown[folder] for folder in folders], object)}
