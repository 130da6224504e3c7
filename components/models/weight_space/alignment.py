"""One model's hidden units put into another's order, so that both lie in one valley of the loss and can be averaged.

Weight matching after Ainsworth, Hayase and Srinivasa (Git Re-Basin, 2023): axis by axis, the permutation that brings weights
closest together is found as a linear assignment, until none improves.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment

from components.models.weight_space.axes import Permutation, Traced, Use
from components.models.weight_space.registry import Array, Arrays

SMALL = 300_000
"""Up to so many weights, a model is matched several times and to the end; a larger one once, with few passes."""

RESTARTS, PASSES = 8, 100
"""Each time the axes stand in another order and lead to another local optimum; the best one is taken."""

PASSES_OF_LARGE = 10
"""Almost all is gained in the first passes, and over a thousand units an assignment takes a second."""

Permutations = dict[int, Permutation]
"""For each axis the order of its units; axes that are not named stay."""


def align(reference: Arrays, other: Arrays, traced: Traced, counted: list[bool], seed: int = 0) -> Permutations:
    """The permutations of `other`'s hidden units that bring its weights closest to those of `reference`.

    Args:
        reference: The weights of one model.
        other: The weights of another of the same architecture.
        traced: Where the hidden units lie along them.
        counted: For each array whether it counts; moving statistics do not.
        seed: Of the orders in which axes are matched.
    """
    random = np.random.default_rng(seed)
    small = sum(array.size for array in reference) <= SMALL
    restarts, passes = (RESTARTS if len(traced.free) > 1 else 1, PASSES) if small else (1, PASSES_OF_LARGE)
    found = [_match(reference, other, traced, counted, random, passes) for _ in range(restarts)]
    return max(found, key=lambda each: _alikeness(reference, permuted(other, traced, each), counted))


def permuted(arrays: Arrays, traced: Traced, permutations: Permutations) -> Arrays:
    """The arrays of a model with its units in another order. It predicts as before."""
    result = list(arrays)
    for use in traced.uses:
        if any(axis in permutations for axis in use.arrangement):
            result[use.weight] = result[use.weight].take(_places(use, traced, permutations), axis=use.axis)
    return result


def _match(
    reference: Arrays, other: Arrays, traced: Traced, counted: list[bool], random: np.random.Generator, passes: int
) -> Permutations:
    permutations: Permutations = {axis: np.arange(traced.sizes[axis]) for axis in traced.free}
    for _ in range(passes):
        improved = False
        for axis in random.permutation(list(traced.free)).tolist():
            uses = [use for use in traced.uses if axis in use.arrangement and counted[use.weight]]
            gain = np.zeros((traced.sizes[axis], traced.sizes[axis]))
            for use in uses:
                gain += _gain(reference[use.weight], other[use.weight], axis, use, traced, permutations)
            best = linear_sum_assignment(gain, maximize=True)[1]
            before = gain[np.arange(len(gain)), permutations[axis]].sum()
            if gain[np.arange(len(gain)), best].sum() > before + 1e-9 * (1 + abs(before)):
                permutations[axis] = best
                improved = True
        if not improved:
            break
    return permutations


def _gain(reference: Array, other: Array, axis: int, use: Use, traced: Traced, permutations: Permutations) -> Array:
    """For each pair of units the inner product of their weights in the two models, all other axes in their present order."""
    for at in traced.uses:
        if at.weight == use.weight and at.axis != use.axis:
            other = other.take(_places(at, traced, permutations), axis=at.axis)
    rows = _rows(axis, use, traced)
    first, second = (np.moveaxis(array, use.axis, 0)[rows] for array in (reference, other))
    # From (position, unit, …) to (unit, position and all else).
    first, second = (np.moveaxis(array, 1, 0).reshape(rows.shape[1], -1) for array in (first, second))
    return first @ second.T


def _rows(axis: int, use: Use, traced: Traced) -> Permutation:
    """The places of an axis' units along an arrangement, of shape (positions, units)."""
    starts = np.cumsum([0, *(traced.sizes[each] for each in use.arrangement)])
    return np.stack(
        [start + np.arange(traced.sizes[axis]) for start, each in zip(starts, use.arrangement, strict=False) if each == axis]
    )


def _places(use: Use, traced: Traced, permutations: Permutations) -> Permutation:
    """The order of the places along an arrangement."""
    starts = np.cumsum([0, *(traced.sizes[axis] for axis in use.arrangement)])
    return np.concatenate(
        [
            start + permutations.get(axis, np.arange(traced.sizes[axis]))
            for start, axis in zip(starts, use.arrangement, strict=False)
        ]
    )


def _alikeness(reference: Arrays, other: Arrays, counted: list[bool]) -> float:
    return sum(float(np.vdot(a, b)) for a, b, counts in zip(reference, other, counted, strict=True) if counts)
