"""Members that are made here instead of brought: taken in like an upload, with a sentence on where they come from."""

from __future__ import annotations

from pathlib import Path

from components.engine.client import Engine
from components.engine.uploads import take_member
from components.models.architectures import ArchitectureOrder
from components.models.facts import MemberFacts
from components.store import Store


def take_made(engine: Engine, store: Store, path: Path, name: str, note: str = "") -> MemberFacts:
    """Takes in a `.keras` file that a worker has made, under a file name of its own; `note` goes on the member's card.

    Raises:
        Refusal: when it cannot be kept or opened.
    """
    with path.open("rb") as stream:
        facts = take_member(engine, store, stream, f"{name}.keras")
    if note and note not in facts.notes:
        facts = facts.model_copy(update={"notes": (*facts.notes, note)})
        store.add_member(facts)
    return facts


def make_architecture(engine: Engine, store: Store, order: ArchitectureOrder) -> MemberFacts:
    """An architecture of `keras.applications` as a member, with random weights.

    Raises:
        Refusal: when it cannot be built as it is asked for.
    """
    made = engine.request("make_architecture", order=order.model_dump(mode="json"))
    note = (
        f"{order.architecture} of keras.applications with random weights: it has learned nothing yet and starts from nothing."
    )
    return take_made(engine, store, Path(made), order.name, note)
