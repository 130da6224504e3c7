"""Python names for the nodes and members of a fusion."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterable

from components.fusion.operators import OPERATORS

_WRITTEN = """
    models_within rename_references rename_layers freeze freeze_layers features_at copy_weights copy_of one_or_all branch
    last_dense
    class_name is_known split fill_gaps read_archive feed predict goal start_at_logit_average
    steps_per_epoch warm_up averaged_weights compute_sample_weight with_own_rates over_frozen_branches best
    shuffled_batches gathering keep_best scores_of learnt batches epoch next_epoch scores
    columns inputs target labels known training validation test model results history
    json keras np tf pd table archive bunch digits Tensor CLASSES Any Literal Callable Collection Iterator Sequence
"""
_TAKEN = {
    *keyword.kwlist,
    *dir(builtins),
    *_WRITTEN.split(),
    *(operator.function.__name__ for operator in OPERATORS.values()),
}
"""Names that mean something else in the script."""


class Names:
    """A Python name for each node and each member; two ids never share one."""

    def __init__(self, members: Iterable[str], nodes: Iterable[str]) -> None:
        taken = set(_TAKEN)
        self._members = {member: _free(member, taken, ("_model", "_branch", "_outputs")) for member in members}
        self._nodes = {node: _free(node, taken, ()) for node in nodes}

    def model(self, member: str) -> str:
        """The member's own model."""
        return f"{self._members[member]}_model"

    def branch(self, member: str) -> str:
        """The member as a branch."""
        return f"{self._members[member]}_branch"

    def outputs(self, member: str, call: int) -> str:
        """All that a branch gives in one of its calls, counted from 0."""
        return f"{self._members[member]}_outputs{f'_{call + 1}' if call else ''}"

    def node(self, id: str) -> str:
        """What flows out of a node."""
        return self._nodes[id]


def _free(id: str, taken: set[str], endings: tuple[str, ...]) -> str:
    """An id as a Python name that is not taken, neither itself nor with the endings that are put behind it."""
    name = re.sub(r"\W", "_", id, flags=re.ASCII)
    name = name if name.isidentifier() else f"_{name}"
    while any(name + ending in taken for ending in endings or ("",)):
        name += "_"
    taken.update(name + ending for ending in endings or ("",))
    return name
