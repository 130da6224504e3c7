"""Gradient norms along a run: every step at first, means over more and more steps as the run grows. Without Keras."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from components.recipe.whole_file import whole_file

TRAIL = "gradients.npz"
"""The file's name in the folder of a run."""

MOST_BINS = 512
"""Twice as many steps go into each bin when there would be more."""


class Trail:
    """The squared gradient norms of a run's layers, step by step, gathered in bins of equal numbers of steps.

    Args:
        layers: The layers' names, from input to output.
        members: The name of the member that each belongs to, empty for what is fused.
    """

    def __init__(self, layers: Sequence[str], members: Sequence[str]) -> None:
        self.layers, self.members = tuple(layers), tuple(members)
        self.width = 1
        self._bins = np.zeros(0, np.int64)
        self._last = np.zeros(0, np.int64)
        self._counts = np.zeros(0, np.int64)
        self._sums = np.zeros((0, len(layers)))

    @property
    def steps(self) -> np.ndarray:
        """The last optimizer step of each bin, counted from 1."""
        return self._last

    @property
    def norms(self) -> np.ndarray:
        """The root of the mean squared norm over each bin's steps, of the shape (bins, layers); NaN where none was measured."""
        return np.sqrt(self._sums / self._counts[:, None])

    def add(self, first: int, squares: np.ndarray) -> None:
        """Takes squared norms of the shape (steps, layers), the first of which is of the step `first`."""
        if not len(squares):
            return
        steps = np.arange(first, first + len(squares))
        self._bins = np.concatenate([self._bins, (steps - 1) // self.width])
        self._last = np.concatenate([self._last, steps])
        self._counts = np.concatenate([self._counts, np.ones(len(steps), np.int64)])
        self._sums = np.concatenate([self._sums, squares.astype(np.float64)])
        self._gather()
        while len(self._bins) > MOST_BINS:
            self.width, self._bins = 2 * self.width, self._bins // 2
            self._gather()

    def forget_after(self, step: int) -> None:
        """Drops the bins that reach beyond a step: those steps are made anew."""
        kept = self._last <= step
        self._bins, self._last = self._bins[kept], self._last[kept]
        self._counts, self._sums = self._counts[kept], self._sums[kept]

    def save(self, path: Path) -> None:
        """Writes an NPZ file, whole at every moment. Raises OSError where the disk does not take it."""
        with whole_file(path) as part:
            np.savez(
                part,
                layers=np.array(self.layers, np.str_),
                members=np.array(self.members, np.str_),
                width=np.array(self.width),
                bins=self._bins,
                steps=self._last,
                counts=self._counts,
                norms=self.norms.astype(np.float32),
            )

    def to_csv(self) -> str:
        """A line for each bin and layer: the last step of the bin, how many steps went into it, layer, member, norm."""
        text = io.StringIO()
        table = csv.writer(text, lineterminator="\n")
        table.writerow(["step", "steps", "layer", "member", "norm"])
        for step, count, norms in zip(self._last, self._counts, self.norms, strict=True):
            for layer, member, norm in zip(self.layers, self.members, norms, strict=True):
                table.writerow([step, count, layer, member or "fused", "n/a" if np.isnan(norm) else f"{norm:.9g}"])
        return text.getvalue()

    def _gather(self) -> None:
        """Makes one of all entries of a bin; they stand in the order of their steps."""
        starts = np.flatnonzero(np.diff(self._bins, prepend=-1))
        self._sums = np.add.reduceat(self._sums, starts)
        self._counts = np.add.reduceat(self._counts, starts)
        self._last = np.maximum.reduceat(self._last, starts)
        self._bins = self._bins[starts]


def read_trail(path: Path) -> Trail | None:
    """The trail in an NPZ file; None where there is none, or it is not one."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            trail = Trail(arrays["layers"].tolist(), arrays["members"].tolist())
            trail.width = int(arrays["width"])
            trail._bins, trail._last, trail._counts = arrays["bins"], arrays["steps"], arrays["counts"]
            trail._sums = np.square(arrays["norms"].astype(np.float64)) * trail._counts[:, None]
    except (OSError, KeyError, ValueError):
        return None
    return trail
