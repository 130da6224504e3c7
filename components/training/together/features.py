"""What layouts that train together are fed: the features of their frozen members, computed once for each split."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import keras

from components.data.columns import Array
from components.data.on_disk import Values, taken
from components.training.alone import predict
from components.training.frozen import halves


class Features:
    """A model behind its frozen part, and what that part gives for each split.

    Args:
        model: With outputs that are trained, all of them.
        inputs: An array for each of its inputs.
        rows: The positions of each split's samples.
        stop: Is asked between chunks of samples whether to give up.
    """

    def __init__(
        self, model: keras.Model, inputs: Sequence[Values], rows: Mapping[str, Array], stop: Callable[[], bool]
    ) -> None:
        self._cut = halves(model, sum(map(len, rows.values())))
        self.learner: keras.Model = self._cut.second if self._cut else model
        self._inputs, self._rows, self._stop = inputs, rows, stop
        self._known: dict[str, list[Values]] = {}

    def of(self, split: str) -> list[Values] | None:
        """An array for each input of `learner`; None where someone stopped."""
        if split not in self._known:
            inputs = [taken(values, self._rows[split]) for values in self._inputs]
            found = self._cut.arrays(inputs, self._stop) if self._cut else inputs
            if found is None:
                return None
            self._known[split] = found
        return self._known[split]

    def predict(self, split: str) -> list[Array]:
        """What the model's outputs give for a split; nothing where someone stopped."""
        features = self.of(split)
        return [] if features is None else predict(self.learner, features)
