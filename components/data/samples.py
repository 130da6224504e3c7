"""A bound dataset."""

from __future__ import annotations

from dataclasses import dataclass, replace

from components.data.columns import Array
from components.data.on_disk import Values
from components.recipe import Task


@dataclass(frozen=True)
class Samples:
    """The arrays that a fused model takes.

    `inputs` hold float32 arrays of shape (n, *input shape) by the inputs' names, in memory or on disk. `target` has shape
    (n,): class numbers as int64 for a multi-class task, 0 or 1 as float32 for a binary one, values as float32 for a
    regression; of several labels it has shape (n, labels) and holds 0 or 1 as float32. `rows` are the samples' places in the
    dataset, from 0: those without a target are left out. `groups` and `order` hold a number for each sample where the split
    goes by them. `others` are the values of the further targets, as `target` has them.
    """

    inputs: dict[str, Values]
    target: Array
    task: Task
    rows: Array
    notes: tuple[str, ...] = ()
    groups: Array | None = None
    order: Array | None = None
    others: tuple[Array, ...] = ()

    @property
    def targets(self) -> tuple[Array, ...]:
        """The values of all targets, in the order of the recipe's."""
        return (self.target, *self.others)

    def alone(self, place: int, task: Task) -> Samples:
        """The same samples with the target at this place, of this task, and no other."""
        return replace(self, target=self.targets[place], task=task, others=()) if self.others else self
