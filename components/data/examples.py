"""Datasets that are there from the start: scikit-learn's own, which need no network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from components.data.columns import Columns, describe, preview
from components.data.facts import DatasetFacts
from components.recipe import Refusal

PREFIX = "example:"
MOONS = ("upper", "lower")


@dataclass(frozen=True)
class Example:
    """One example: what a person reads of it, and how it is loaded."""

    name: str
    title: str
    sentence: str
    load: Callable[[], Columns]


def _bunch(loader: str) -> Any:
    # scikit-learn takes a second to import, and the web process only wants the titles.
    from sklearn import datasets

    return getattr(datasets, loader)()


def _digits() -> Columns:
    bunch = _bunch("load_digits")
    return Columns({"image": bunch.images[..., None].astype(np.float32), "digit": bunch.target.astype(np.int64)})


def _classes(loader: str, target: str) -> Callable[[], Columns]:
    def load() -> Columns:
        bunch = _bunch(loader)
        classes = tuple(str(name) for name in bunch.target_names)
        values = np.array(classes, dtype=object)[bunch.target]
        # The order is scikit-learn's, as in the members that people have trained on these data.
        return Columns({**_features(bunch), target: values}, classes={target: classes})

    return load


def _diabetes() -> Columns:
    bunch = _bunch("load_diabetes")
    return Columns({**_features(bunch), "progression": bunch.target})


def _moons() -> Columns:
    from sklearn import datasets

    places, numbers = datasets.make_moons(1000, noise=0.2, random_state=0)
    return Columns(
        {"across": places[:, 0], "up": places[:, 1], "moon": np.array(MOONS, object)[numbers]}, classes={"moon": MOONS}
    )


def _features(bunch: Any) -> dict[str, Any]:
    return {str(name): bunch.data[:, index] for index, name in enumerate(bunch.feature_names)}


EXAMPLES = {
    example.name: example
    for example in (
        Example("digits", "Digits", "1,797 handwritten digits as images of 8 × 8 pixels with values from 0 to 16.", _digits),
        Example("iris", "Iris", "150 flowers of three species, four lengths of each.", _classes("load_iris", "species")),
        Example(
            "wine", "Wine", "178 wines of three growers, 13 chemical measurements of each.", _classes("load_wine", "grower")
        ),
        Example(
            "breast-cancer",
            "Breast cancer",
            "569 tumours, malignant or benign, with 30 measurements of their cell nuclei.",
            _classes("load_breast_cancer", "diagnosis"),
        ),
        Example(
            "moons", "Moons", "1,000 points of two half moons that reach into each other, and which one each is of.", _moons
        ),
        Example("diabetes", "Diabetes", "442 patients, ten measurements, and how the disease progressed in a year.", _diabetes),
    )
}


def load_example(name: str) -> Columns:
    """An example's columns.

    Raises:
        Refusal: when there is no example of this name.
    """
    if name not in EXAMPLES:
        raise Refusal(f"There is no example named “{name[:60]}”; there are {', '.join(EXAMPLES)}.")
    return EXAMPLES[name].load()


def example_facts(name: str) -> DatasetFacts:
    """An example's card; its `sha256` is `example:` and the name, as in a recipe.

    Raises:
        Refusal: when there is no example of this name.
    """
    columns = load_example(name)
    return DatasetFacts(
        sha256=PREFIX + name,
        file_name=EXAMPLES[name].title,
        size=sum(values.nbytes for values in columns.arrays.values()),
        format="example",
        rows=columns.rows,
        columns=tuple(describe(columns)),
        preview=preview(columns),
    )
