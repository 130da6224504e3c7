"""Which axes of a model's weights belong to the same hidden units, so that the units can change places without an effect.

Every hidden layer's units are numbered along one `Axis`. What flows between layers has an *arrangement* along its last axis:
the axes of the units that stand there, one after the other, once more for every position that was flattened. Inputs and
outputs of the model stay where they are.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Permutation = npt.NDArray[np.int64]
"""At place i the unit of the other model that comes to stand there."""

Arrangement = tuple[int, ...]
"""Numbers of axes, side by side."""


class Use(NamedTuple):
    """One axis of one weight, and the units along it."""

    weight: int
    axis: int
    arrangement: Arrangement


class Traced(NamedTuple):
    """The uses of all axes, the number of units of each axis, and the axes along which units may change places."""

    uses: tuple[Use, ...]
    sizes: dict[int, int]
    free: tuple[int, ...]


class Axes:
    """Collects the axes of a model while its calls are traced. Weights go by the ids of their variables."""

    def __init__(self) -> None:
        self._sizes: list[int] = []
        self._same: list[int] = []
        self._fixed: set[int] = set()
        self._uses: dict[tuple[int, int], Arrangement] = {}

    def new(self, size: int, *, fixed: bool = False) -> Arrangement:
        """A new axis of so many units."""
        self._same.append(len(self._sizes))
        self._sizes.append(size)
        if fixed:
            self._fixed.add(len(self._sizes) - 1)
        return (len(self._sizes) - 1,)

    def fix(self, arrangement: Arrangement) -> None:
        """Keeps units where they are."""
        self._fixed.update(self._root(axis) for axis in arrangement)

    def is_fixed(self, arrangement: Arrangement) -> bool:
        """Whether all units stay where they are."""
        return all(self._root(axis) in self._fixed for axis in arrangement)

    def width(self, arrangement: Arrangement) -> int:
        """The number of units along an arrangement."""
        return sum(self._sizes[axis] for axis in arrangement)

    def join(self, first: Arrangement, second: Arrangement) -> Arrangement:
        """Makes units at the same place one, as where two tensors are added; where they are divided differently, all stay."""
        if [self._sizes[axis] for axis in first] != [self._sizes[axis] for axis in second]:
            self.fix(first)
            self.fix(second)
            return first
        for a, b in zip(first, second, strict=True):
            a, b = self._root(a), self._root(b)
            self._same[b] = a
            if b in self._fixed:
                self._fixed.add(a)
        return first

    def use(self, variable: Any, axis: int, arrangement: Arrangement) -> None:
        """Notes that these units lie along an axis of a weight; a layer's second call joins them with those of the first."""
        key = (id(variable), axis)
        self._uses[key] = self.join(self._uses[key], arrangement) if key in self._uses else arrangement

    def along(self, variable: Any, axis: int) -> Arrangement:
        """The units along an axis of a weight: those of an earlier call of its layer, else new ones."""
        key = (id(variable), axis)
        if key not in self._uses:
            self._uses[key] = self.new(int(variable.shape[axis]))
        return self._uses[key]

    def knows(self, variable: Any) -> bool:
        """Whether units were noted along an axis of this weight."""
        return any(known == id(variable) for known, _ in self._uses)

    def traced(self, weights: list[Any]) -> Traced:
        """What was collected, for the variables of a model in the order in which their arrays will be given."""
        places = {id(variable): place for place, variable in enumerate(weights)}
        uses = tuple(
            Use(places[variable], axis, tuple(self._root(each) for each in arrangement))
            for (variable, axis), arrangement in self._uses.items()
        )
        free = {axis for use in uses for axis in use.arrangement} - self._fixed
        return Traced(uses, {axis: self._sizes[axis] for use in uses for axis in use.arrangement}, tuple(sorted(free)))

    def _root(self, axis: int) -> int:
        while self._same[axis] != axis:
            axis = self._same[axis]
        return axis
