"""Columns of text as numbers: one place a category. The exported script shows this function as it stands."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def one_hot(values: np.ndarray, categories: Sequence[str], training: np.ndarray) -> np.ndarray:
    """A column of text as float32 of shape (n, categories): 1 at the place of a value's category, else 0.

    A gap (None) counts as the category that most training samples have. A category that no training sample has is 0
    everywhere, as is a value that is none of the categories: nothing could be learnt of it.
    """
    order = {category: place for place, category in enumerate(categories)}
    places = np.array([order.get(value, -1) for value in values.tolist()], dtype=np.int64)
    seen = places[training]
    counts = np.bincount(seen[seen >= 0], minlength=len(categories))
    places[np.array([value is None for value in values.tolist()], dtype=bool)] = counts.argmax()
    known = (places >= 0) & (counts[places] > 0)
    hot = np.zeros((len(values), len(categories)), dtype=np.float32)
    hot[known, places[known]] = 1
    return hot
