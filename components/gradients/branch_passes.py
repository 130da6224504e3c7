"""Passes through members' branches, each made once and taken by every layout that feeds the branch alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import keras

from components.gradients.passage import Passage


@dataclass(frozen=True)
class BranchPass:
    """One pass through a branch, with all that any layout takes of it.

    `values` has what the branch gives, by the identity of the symbolic tensor that stands for it; `losses` what its layers
    added to the loss by themselves, by the layer's identity.
    """

    passage: Passage
    values: Mapping[int, Any]
    losses: Mapping[int, list[Any]]


class BranchPasses:
    """The branches of layouts that were built side by side, and the passes that were made through them.

    Args:
        branches: By the members' names, each with all outputs that any of the layouts takes.
    """

    def __init__(self, branches: Mapping[str, keras.Model]) -> None:
        self.branches = branches
        self.made: dict[tuple[str, str], BranchPass] = {}
