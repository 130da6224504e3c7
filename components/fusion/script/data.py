"""The part of the exported script that reads the data."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from components.data.categories import one_hot
from components.data.examples import MOONS
from components.data.frames import column_array, column_names, first_row, numbers_rows, plain_frame, read_text_table, skip_lines
from components.data.marked_text import marked_labels
from components.data.picture_values import PARTS, SUFFIXES, class_folders, is_picture, is_system_file, picture_values
from components.fusion.operator import plain_source
from components.fusion.script.data_functions import (
    class_name,
    fill_gaps,
    is_known,
    numbered,
    read_archive,
    read_parquet,
    read_pictures,
    read_sheet,
    split,
)
from components.fusion.script.wrapping import call, literal
from components.recipe import Data, Input, PictureReading, Refusal, SheetReading, TableReading, Target
from components.recipe.reading import MARKS
from components.recipe.wording import shown

_SCIKIT = {
    "iris": ("load_iris", "species"),
    "wine": ("load_wine", "grower"),
    "breast-cancer": ("load_breast_cancer", "diagnosis"),
    "diabetes": ("load_diabetes", "progression"),
}
"""Examples that are tables of scikit-learn: the function that loads each, and how its target is called here."""


def data_lines(data: Data) -> str:
    """Python lines that leave `inputs`, arrays by the name of the input, `target`, and the positions of the three splits.

    Where there are several targets, `targets` has them by their names.
    """
    functions: list[Callable[..., Any]] = [class_name, is_known, split, fill_gaps]
    functions += [numbered] * bool(data.split.group or data.split.order)
    functions += [marked_labels] * any(target.separator for target in data.targets)
    functions += [one_hot] * any(each.categories for each in data.inputs)
    known = [_known(target) for target in data.targets]
    lines = [_read(data)]
    lines.append(
        f"known = {known[0]}"
        if len(known) == 1
        else "known = np.all([" + "".join(f"\n    {each}," for each in known) + "\n], axis=0)"
    )
    for place, target in enumerate(data.targets):
        names = "CLASSES" if target is data.target else f"CLASSES_{place + 1}"
        lines += [f"{names} = {literal(target.classes)}"] * bool(target.classes)
        if target is data.target:
            lines.append(f"target = {_values(target, names)}")
            lines += [f"targets = {{{target.name!r}: target}}"] * bool(data.others)
        else:
            lines.append(f"targets[{target.name!r}] = {_values(target, names)}")
    lines.append(f"training, validation, test = {_split(data)}")
    lines.append("inputs = {" + "".join(f"\n    {each.name!r}: {_array(each)}," for each in data.inputs) + "\n}")
    return "\n\n\n".join(map(plain_source, functions)) + "\n\n\n" + "\n".join(lines)


def _known(target: Target) -> str:
    """Which samples have this target, as a vector of truth values."""
    if target.task != "multilabel":
        return f"np.array([is_known(label) for label in columns[{target.name!r}].tolist()])"
    if target.separator:
        return f"np.ones(len(columns[{target.name!r}]), bool)"
    return f"np.isfinite({_labels(target)}).all(axis=1)"


def _values(target: Target, classes: str) -> str:
    """The target of the samples that are `known`: numbers, class numbers or 0 and 1; `classes` is the name of the classes."""
    column = f"columns[{target.name!r}]"
    if target.task == "regression":
        return f'np.array({column}[known].tolist(), "float32")'
    if target.separator:
        return call("marked_labels", [f"{column}[known]", classes, repr(MARKS[target.separator])], {})
    if target.task == "multilabel":
        return f"{_labels(target)}[known]"
    kind = "float32" if target.task == "binary" else "int32"
    return f'np.array([{classes}.index(class_name(label)) for label in {column}[known].tolist()], "{kind}")'


def _labels(target: Target) -> str:
    """The columns of 0 and 1, or the array of them."""
    stacked = f"np.stack([columns[name] for name in {literal(target.columns)}], axis=1)"
    return f'{stacked if target.columns else f"columns[{target.name!r}]"}.astype("float32")'


def _split(data: Data) -> str:
    """The call that splits the samples; what is as usual is not named."""
    shares = data.split
    stratified = len(data.target.classes) if shares.stratify and data.target.task != "regression" else 0
    options = {**shares.model_dump(include={"validation", "test", "seed"}), "classes": stratified}
    if shares.calibration:
        options["calibration"] = shares.calibration
    columns = (("groups", shares.group), ("order", shares.order))
    by = [f"{name}=numbered(columns[{column!r}][known])" for name, column in columns if column]
    by_sets = stratified and data.target.task == "multilabel"
    sets = "np.unique(target, axis=0, return_inverse=True)[1].ravel()"
    return call("split", [sets if by_sets else "target"], options)[:-1] + "".join(f", {each}" for each in by) + ")"


def _array(each: Input) -> str:
    shape = tuple(axis or -1 for axis in each.shape)
    if each.array is not None:
        return f'fill_gaps(columns[{each.array!r}][known].astype("float32").reshape({(-1, *shape)!r}), training)'
    numbers = [name for name in each.columns if name not in each.categories]
    names = literal(numbers, indent=8)
    parts = [f'fill_gaps(np.stack([columns[name][known] for name in {names}], axis=1).astype("float32"), training)'] * bool(
        numbers
    )
    for name, categories in each.categories.items():
        parts.append(f"one_hot(columns[{name!r}][known], {literal(categories, indent=12)}, training)")
    if not each.categories:
        return parts[0]
    return "np.concatenate(\n        [\n            " + ",\n            ".join(parts) + ",\n        ],\n        axis=1,\n    )"


def _read(data: Data) -> str:
    if data.sha256.startswith("example:"):
        return _example(data.sha256.removeprefix("example:"))
    if data.reading is not None:
        return _READERS[data.reading.format](data)
    ending = re.sub(r".*\.", "", data.file_name.lower())
    return _archive(data) if ending == "npz" else _table(data)


def _example(name: str) -> str:
    if name == "digits":
        return (
            "from sklearn.datasets import load_digits\n\n"
            "digits = load_digits()\n"
            'columns = {"image": digits.images[..., None], "digit": digits.target}'
        )
    if name == "moons":
        return (
            "from sklearn.datasets import make_moons\n\n"
            "places, numbers = make_moons(1000, noise=0.2, random_state=0)\n"
            f'columns = {{"across": places[:, 0], "up": places[:, 1], "moon": np.array({MOONS!r}, object)[numbers]}}'
        )
    if name not in _SCIKIT:
        raise Refusal(f"No script can be written for the example “{name[:60]}”. Known are digits, moons, {', '.join(_SCIKIT)}.")
    loader, target = _SCIKIT[name]
    values = "bunch.target_names[bunch.target]" if name != "diabetes" else "bunch.target"
    return (
        f"from sklearn.datasets import {loader}\n\n"
        f"bunch = {loader}()\n"
        "columns = {str(name): bunch.data[:, place] for place, name in enumerate(bunch.feature_names)}\n"
        f"columns[{target!r}] = {values}"
    )


def _table(data: Data) -> str:
    reading = data.reading
    if not isinstance(reading, TableReading):
        return (
            "import pandas as pd\n\n"
            f"table = pd.read_csv({data.file_name!r}, sep=None, engine='python')\n"
            "columns = {str(name).strip(): table[name].to_numpy() for name in table.columns}"
        )
    marks = {name: MARKS[getattr(reading, name)] for name in ("separator", "decimal", "thousands")}
    options = {"encoding": reading.encoding, **marks, "title_lines": reading.title_lines, "header": reading.header}
    functions: list[Callable[..., Any]] = [
        shown,
        skip_lines,
        first_row,
        column_names,
        numbers_rows,
        column_array,
        read_text_table,
    ]
    return _with("import csv\nimport re", functions, call("read_text_table", [repr(data.file_name)], options))


def _archive(data: Data) -> str:
    return f"{plain_source(read_archive)}\n\n\ncolumns = read_archive({data.file_name!r})"


def _parquet(data: Data) -> str:
    functions: list[Callable[..., Any]] = [shown, column_names, column_array, plain_frame, read_parquet]
    return _with("import re", functions, call("read_parquet", [repr(data.file_name)], {}))


def _sheet(data: Data) -> str:
    assert isinstance(data.reading, SheetReading)
    functions: list[Callable[..., Any]] = [shown, column_names, column_array, read_sheet]
    return _with(
        "import re", functions, call("read_sheet", [repr(data.file_name)], data.reading.model_dump(exclude={"format"}))
    )


def _pictures(data: Data) -> str:
    assert isinstance(data.reading, PictureReading)
    size = data.reading.model_dump(include={"height", "width"})
    head = (
        f"from collections import Counter\nfrom collections.abc import Iterable\n\nPARTS = {PARTS!r}\nSUFFIXES = {SUFFIXES!r}"
    )
    functions: list[Callable[..., Any]] = [
        shown,
        column_names,
        is_picture,
        is_system_file,
        class_folders,
        picture_values,
        read_pictures,
    ]
    options = {**size, "colour": data.reading.channels == "colour"}
    return _with(head, functions, call("read_pictures", [repr(data.file_name)], options))


def _with(head: str, functions: Sequence[Callable[..., Any]], reading: str) -> str:
    return "\n\n\n".join([head, *map(plain_source, functions), f"columns = {reading}"])


_READERS: dict[str, Callable[[Data], str]] = {
    "csv": _table,
    "npz": _archive,
    "parquet": _parquet,
    "xlsx": _sheet,
    "images": _pictures,
}
