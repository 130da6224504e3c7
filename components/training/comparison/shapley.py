"""What each member of a coalition is worth."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from math import comb

Coalition = frozenset[int]


def coalitions(members: int) -> list[Coalition]:
    """All sets of members, the empty one first."""
    return [frozenset(chosen) for size in range(members + 1) for chosen in combinations(range(members), size)]


def shapley(members: int, value: Mapping[Coalition, float]) -> list[float]:
    """The exact Shapley value of each member (Shapley, 1953): its mean contribution over all orders in which members may come.

    Args:
        members: How many there are.
        value: What each coalition reaches.
    """
    found = [0.0] * members
    for coalition in coalitions(members):
        for member in set(range(members)) - coalition:
            weight = 1 / (members * comb(members - 1, len(coalition)))
            found[member] += weight * (value[coalition | {member}] - value[coalition])
    return found


def left_out(members: int, value: Mapping[Coalition, float]) -> list[float]:
    """By how much what all reach falls without each member."""
    everyone = frozenset(range(members))
    return [value[everyone] - value[everyone - {member}] for member in range(members)]
