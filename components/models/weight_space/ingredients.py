"""What merges need beside the members, measured when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from components.models.weight_space.information import fisher_information, gram_matrices
from components.models.weight_space.registry import Array, Arrays
from components.models.weight_space.trial import Trial


class Ingredients(Mapping[str, Any]):
    """By the names of a merge's arguments. `places` tells to which of all arrays the merge is applied."""

    def __init__(self, trial: Trial, members: Sequence[Arrays], base: Arrays | None, places: Sequence[int]) -> None:
        self._trial, self._members, self._places = trial, members, places
        self._weights = [trial.weights[place] for place in places]
        self._made: dict[str, Callable[[], Any]] = {}
        if base is not None:
            self._made["base"] = lambda: [base[place] for place in places]
        samples = trial.samples
        if samples is not None:
            self._made |= {"fishers": self._fishers, "grams": self._grams}
            self._made["score"] = lambda: lambda arrays: samples.goodness(trial.score(self.whole(arrays)))

    def whole(self, arrays: Arrays) -> Arrays:
        """All arrays of a model, given those that the merge is applied to; the rest are the first member's."""
        found = dict(zip(self._places, arrays, strict=True))
        return [found.get(place, array) for place, array in enumerate(self._members[0])]

    def _fishers(self) -> list[Arrays]:
        found = []
        for member in self._members:
            self._trial.set(member)
            found.append(fisher_information(self._trial.model, self._weights, self._trial.inputs))
        return found

    def _grams(self) -> list[list[Array | None]]:
        found = []
        for member in self._members:
            self._trial.set(member)
            found.append(gram_matrices(self._trial.graph, self._weights, self._trial.inputs))
        return found

    def __getitem__(self, name: str) -> Any:
        return self._made[name]()

    def __iter__(self) -> Iterator[str]:
        return iter(self._made)

    def __len__(self) -> int:
        return len(self._made)
