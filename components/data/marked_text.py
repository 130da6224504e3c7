"""Text in whose cells several labels stand, with a mark between them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from components.recipe.reading import MARKS, Separator

_MARKS: tuple[Separator, ...] = ("semicolon", "bar", "comma")
"""In the order in which they are looked for: a comma is the one that plain text has too."""


class Marked(NamedTuple):
    """How a column of text names several labels in a cell, and how many cells name each."""

    separator: Separator
    counts: dict[str, int]


def recognise_labels(texts: Iterable[str], counts: Iterable[int], most: int) -> Marked | None:
    """Finds the mark between the labels of a column, from its distinct texts and how often each occurs.

    Every label must occur twice, which free text with commas does not have, and there may be `most` of them. None where there
    is no such mark.
    """
    texts, counts = list(texts), list(counts)
    for separator in _MARKS:
        mark = MARKS[separator]
        if not any(mark in text for text in texts):
            continue
        found = words_of(texts, counts, mark)
        if 2 <= len(found) <= most and min(found.values()) >= 2:
            return Marked(separator, dict(sorted(found.items())))
    return None


def words_of(texts: Iterable[str], counts: Iterable[int], mark: str) -> Counter[str]:
    """How many cells hold each word, from the distinct texts and how often each occurs."""
    found: Counter[str] = Counter()
    for text, count in zip(texts, counts, strict=True):
        for word in {part.strip() for part in text.split(mark)} - {""}:
            found[word] += count
    return found


def marked_labels(values: np.ndarray, labels: Sequence[str], mark: str) -> np.ndarray:
    """1 where a sample's text names a label and 0 elsewhere, float32 of shape (n, labels); a gap names none."""
    named = [{word.strip() for word in value.split(mark)} if isinstance(value, str) else set() for value in values.tolist()]
    return np.array([[label in words for label in labels] for words in named], "float32").reshape(len(values), len(labels))
