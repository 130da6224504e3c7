import csv

import numpy as np
import pytest
from sklearn import datasets


@pytest.fixture
def write(tmp_path):
    """Writes text, bytes or rows to a file and returns its path."""

    def write(content, name="table.csv", encoding="utf-8", separator=","):
        path = tmp_path / name
        if isinstance(content, bytes):
            path.write_bytes(content)
        elif isinstance(content, str):
            path.write_text(content, encoding=encoding, newline="")
        else:
            with path.open("w", newline="", encoding=encoding) as file:
                csv.writer(file, delimiter=separator).writerows(content)
        return path

    return write


@pytest.fixture
def write_npz(tmp_path):
    """Writes arrays to an NPZ file and returns its path."""

    def write_npz(name="arrays.npz", **arrays):
        path = tmp_path / name
        np.savez_compressed(path, **arrays)
        return path

    return write_npz


@pytest.fixture
def iris_rows():
    """Iris as rows of a table with names, the species in words."""
    iris = datasets.load_iris()
    names = [str(iris.target_names[number]) for number in iris.target]
    return [[*iris.feature_names, "species"], *([*map(float, row), name] for row, name in zip(iris.data, names, strict=True))]
