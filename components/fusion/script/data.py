"""The part of the exported script that reads the data."""

from __future__ import annotations

import re
from collections.abc import Callable

from components.fusion.operator import plain_source
from components.fusion.script.data_functions import class_name, fill_gaps, is_known, read_archive, split
from components.fusion.script.wrapping import call, literal
from components.recipe import Data, Input, Refusal

_SCIKIT = {
    "iris": ("load_iris", "species"),
    "wine": ("load_wine", "grower"),
    "breast-cancer": ("load_breast_cancer", "diagnosis"),
    "diabetes": ("load_diabetes", "progression"),
}
"""Examples that are tables of scikit-learn: the function that loads each, and how its target is called here."""


def data_lines(data: Data) -> str:
    """Python lines that leave `inputs`, arrays by the name of the input, `target`, and the positions of the three splits."""
    target = data.target
    parts = [plain_source(function) for function in (class_name, is_known, split, fill_gaps)]
    lines = [_read(data)]
    lines.append(f"labels = columns[{target.name!r}].tolist()")
    lines.append("known = np.array([is_known(label) for label in labels])")
    if target.task == "regression":
        lines.append('target = np.array(labels, "float32")[known]')
    else:
        kind = "float32" if target.task == "binary" else "int32"
        lines.append(f"CLASSES = {literal(target.classes)}")
        lines.append(f'target = np.array([CLASSES.index(class_name(label)) for label in labels if is_known(label)], "{kind}")')
    stratified = len(target.classes) if data.split.stratify and target.task != "regression" else 0
    shares = {**data.split.model_dump(exclude={"stratify"}), "classes": stratified}
    lines.append(f"training, validation, test = {call('split', ['target'], shares)}")
    lines.append("inputs = {" + "".join(f"\n    {each.name!r}: {_array(each)}," for each in data.inputs) + "\n}")
    return "\n\n\n".join(parts) + "\n\n\n" + "\n".join(lines)


def _array(each: Input) -> str:
    shape = tuple(axis or -1 for axis in each.shape)
    if each.array is not None:
        return f'fill_gaps(columns[{each.array!r}][known].astype("float32").reshape({(-1, *shape)!r}), training)'
    names = literal(list(each.columns), indent=8)
    return f'fill_gaps(np.stack([columns[name][known] for name in {names}], axis=1).astype("float32"), training)'


def _read(data: Data) -> str:
    if data.sha256.startswith("example:"):
        return _example(data.sha256.removeprefix("example:"))
    ending = re.sub(r".*\.", "", data.file_name.lower())
    return _READERS.get(ending, _READERS["csv"])(data.file_name)


def _example(name: str) -> str:
    if name == "digits":
        return (
            "from sklearn.datasets import load_digits\n\n"
            "digits = load_digits()\n"
            'columns = {"image": digits.images[..., None], "digit": digits.target}'
        )
    if name not in _SCIKIT:
        raise Refusal(f"No script can be written for the example “{name[:60]}”. Known are digits, {', '.join(_SCIKIT)}.")
    loader, target = _SCIKIT[name]
    values = "bunch.target_names[bunch.target]" if name != "diabetes" else "bunch.target"
    return (
        f"from sklearn.datasets import {loader}\n\n"
        f"bunch = {loader}()\n"
        "columns = {str(name): bunch.data[:, place] for place, name in enumerate(bunch.feature_names)}\n"
        f"columns[{target!r}] = {values}"
    )


def _table(file_name: str) -> str:
    return (
        "import pandas as pd\n\n"
        f"table = pd.read_csv({file_name!r}, sep=None, engine='python')\n"
        "columns = {str(name).strip(): table[name].to_numpy() for name in table.columns}"
    )


def _archive(file_name: str) -> str:
    return f"{plain_source(read_archive)}\n\n\ncolumns = read_archive({file_name!r})"


_READERS: dict[str, Callable[[str], str]] = {"csv": _table, "npz": _archive}
