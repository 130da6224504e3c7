"""How differently members err: pairwise measures of diversity after Kuncheva & Whitaker (2003)."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

import numpy as np

from components.data.columns import Array
from components.training.comparison.report import Pair


def pairs(correct: Mapping[str, Array]) -> tuple[Pair, ...]:
    """The measures of every two members; `correct` has one yes or no for each sample, by the members' names."""
    return tuple(_pair(first, second, correct[first], correct[second]) for first, second in combinations(correct, 2))


def oracle(correct: Mapping[str, Array]) -> float:
    """The share of samples of which at least one member is right: what a perfect choice among them would reach."""
    return float(np.any(list(correct.values()), axis=0).mean())


def _pair(first: str, second: str, one: Array, other: Array) -> Pair:
    one, other = one.astype(bool), other.astype(bool)
    both, neither = int((one & other).sum()), int((~one & ~other).sum())
    only_one, only_other = int((one & ~other).sum()), int((~one & other).sum())
    agreeing, differing = both * neither, only_one * only_other
    return Pair(
        first=first,
        second=second,
        disagreement=(only_one + only_other) / len(one),
        double_fault=neither / len(one),
        q=(agreeing - differing) / (agreeing + differing) if agreeing + differing else None,
    )
