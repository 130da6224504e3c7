"""What a merge takes: how many members, and what beside them."""

from __future__ import annotations

from collections.abc import Sequence

from components.models.weight_space.facts import Merging
from components.models.weight_space.registry import Merge, Need
from components.models.weight_space.samples import Samples
from components.recipe import Refusal
from components.recipe.wording import shown

_MISSING: dict[Need, str] = {
    "base": "needs the model that the members were trained on from. Choose it as the base.",
    "data": "measures the members on samples. Choose a dataset.",
    "validation": "judges the members on samples whose target is known. Choose a dataset with a target.",
}


def check(method: Merge, merging: Merging, members: Sequence[str], base: str | None, samples: Samples | None) -> None:
    """Checks what can be told without looking at weights.

    Raises:
        Refusal: with one sentence on what is missing or too much.
    """
    if not method.fewest <= len(members) <= method.most:
        wanted = f"{method.fewest}" if method.fewest == method.most else f"{method.fewest} to {method.most}"
        raise Refusal(f"{method.title} takes {wanted} members; {len(members)} chosen.")
    given: dict[Need, bool] = {
        "base": base is not None,
        "data": samples is not None,
        "validation": samples is not None and samples.score is not None,
    }
    for need in method.needs:
        if not given[need]:
            raise Refusal(f"{method.title} {_MISSING[need]}")
    if base in members:
        raise Refusal(f"{shown(base)} is the base and a member too. Take it out of the members, or choose another base.")
    if (merging.align or merging.repair) and "base" in method.needs:
        raise Refusal(
            f"{method.title} works on what training changed in each weight of the base, so units can neither change places nor "
            "be rescaled. Switch alignment and repair off, or choose a merge without a base."
        )
    if merging.align and len(members) < 2:
        raise Refusal("Alignment puts one member's units into another's order; it takes 2 members or more.")
    if merging.repair and samples is None:
        raise Refusal("Hidden units are repaired on samples. Choose a dataset, or switch the repair off.")
    if merging.re_estimate and samples is None:
        raise Refusal("Moving statistics are measured anew on samples. Choose a dataset, or keep the members' mean.")
