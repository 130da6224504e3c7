"""A bound dataset in memory."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from components.data.columns import Array
from components.recipe import Task

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Samples:
    """The arrays that a fused model takes.

    `inputs` hold float32 arrays of shape (n, *input shape) by the inputs' names. `target` has shape (n,): class numbers as
    int64 for a multi-class task, 0 or 1 as float32 for a binary one, values as float32 for a regression; of several labels it
    has shape (n, labels) and holds 0 or 1 as float32. `rows` are the samples' places in the dataset, from 0: those without a
    target are left out. `groups` and `order` hold a number for each sample where the split goes by them.
    """

    inputs: dict[str, Floats]
    target: Array
    task: Task
    rows: Array
    notes: tuple[str, ...] = ()
    groups: Array | None = None
    order: Array | None = None
