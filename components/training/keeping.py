"""A run that can be continued: what must be kept of one phase, and how it is taken up again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from components.training.keeper import Keeper
from components.training.pace import make_steps
from components.training.watch import Watch
from components.training.weights import assign


class Keeping(keras.callbacks.Callback):
    """Has a checkpoint written where a phase can be continued from; the last of the callbacks.

    Kept are the weights, now and at their best, the states of random numbers, the optimizer with its step count and its
    moving averages, the place in the data, what the watch knows, and what the other callbacks count.
    """

    def __init__(self, keeper: Keeper, phase: int, learner: keras.Model, watch: Watch, others: Sequence[Any]) -> None:
        super().__init__()
        self._keeper, self._phase, self._learner, self._watch, self._others = keeper, phase, learner, watch, others
        self._counts: list[dict[str, Any]] = []

    def take_up(self) -> bool:
        """Gives optimizer and callbacks what a checkpoint in this phase holds; False when there is none."""
        found = self._keeper.found
        if found is None or found.state["phase"] != self._phase:
            return False
        make_steps(self._learner, found.state["steps_per_execution"])
        self._learner.optimizer.build(self._learner.trainable_variables)
        assign(self._learner.optimizer.variables, found.arrays.get("optimizer", []))
        self._counts = found.state["callbacks"]
        return True

    def on_train_begin(self, logs: Any = None) -> None:
        """Keras' callbacks begin to count anew with every call of `fit`; here they go on."""
        for callback, counts in zip(self._others, self._counts, strict=False):
            callback.__dict__.update(counts)

    def on_train_end(self, logs: Any = None) -> None:
        """Remembers the counts for another call of `fit`."""
        self._counts = [_counts(callback) for callback in self._others]

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Between epochs."""
        if self._keeper.is_due(between_epochs=True):
            self.write()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Within an epoch; at a stop now, since Keras ends the epoch even so, and other callbacks count it."""
        if self._watch.settled and (self._watch.stopped or self._keeper.is_due(between_epochs=False)):
            self.write()

    def write(self) -> None:
        """Writes a checkpoint, unless its weights would be of no use."""
        if self._watch.broken is not None or not self._watch.weights.are_finite():
            return
        state = {
            "phase": self._phase,
            "steps_per_execution": self._learner.steps_per_execution,
            "watch": self._watch.state(),
            "callbacks": [_counts(callback) for callback in self._others],
        }
        variables = {
            "weights": self._watch.weights.variables,
            "best": self._watch.weights.best,
            "optimizer": self._learner.optimizer.variables,
        }
        self._keeper.write(state, variables)


def _counts(callback: Any) -> dict[str, Any]:
    """The plain values among a callback's attributes: what it has counted."""
    return {name: value for name, value in vars(callback).items() if isinstance(value, (bool, int, float, type(None)))}
