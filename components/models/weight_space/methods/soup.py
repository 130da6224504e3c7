"""A soup of the members that help."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from components.models.weight_space.methods.average import mean
from components.models.weight_space.registry import Arrays, merge


@merge(
    title="Greedy soup",
    summary="Averages the best member with each further one that does not lower the validation score.",
    formula="S ← S ∪ {j} where score(mean of S ∪ {j}) ≥ score(mean of S)",
    reference="Wortsman et al., 2022",
    linear=True,
    failures=("Of members that were trained independently only the best one is left.", "A small validation split overfits."),
)
def greedy_soup(members: Sequence[Arrays], score: Callable[[Arrays], float]) -> Arrays:
    """The mean of the members kept; its score is never below that of the best member. A higher score is better."""
    alone = [score(member) for member in members]
    order = sorted(range(len(members)), key=lambda index: -alone[index])
    kept, best = [members[order[0]]], alone[order[0]]
    for index in order[1:]:
        tried = [*kept, members[index]]
        reached = score(mean(tried, [1 / len(tried)] * len(tried)))
        if reached >= best:
            kept, best = tried, reached
    return mean(kept, [1 / len(kept)] * len(kept))
