"""Members merged in weight space, and taken in as one member."""

from __future__ import annotations

import uuid

from components.engine.client import Engine
from components.engine.made import take_made
from components.models.facts import MemberFacts
from components.models.weight_space.facts import MergeReport, Merging
from components.recipe import Member, Recipe
from components.store import Store


def merge_members(
    engine: Engine, store: Store, recipe: Recipe, merging: Merging, name: str, base: Member | None = None
) -> tuple[MemberFacts, MergeReport]:
    """Merges a recipe's members in a worker; the card of the new member says where it comes from.

    Args:
        engine: Does it.
        store: Keeps it.
        recipe: With the members, and with data where the merge needs them or models are to be judged.
        merging: How.
        name: What its file is called, without suffix.
        base: The common ancestor, for merges that need it.

    Raises:
        Refusal: when they cannot be merged.
    """
    file = store.home / "exports" / f"{uuid.uuid4().hex}.keras"
    answer = engine.request(
        "merge",
        recipe=recipe.model_dump(mode="json"),
        merging=merging.model_dump(mode="json"),
        base=base.model_dump(mode="json") if base else None,
        file=str(file),
    )
    report = MergeReport.model_validate(answer)
    try:
        return take_made(engine, store, file, name, note=" ".join(report.notes)), report
    finally:
        file.unlink(missing_ok=True)
