"""Members that are made here instead of brought: taken in like an upload, with a sentence on where they come from."""

from __future__ import annotations

from pathlib import Path

from components.engine.client import Engine
from components.engine.uploads import take_member
from components.models.architectures import ArchitectureOrder, scaling_of
from components.models.facts import MemberFacts
from components.models.settings import MemberSettings, read_title
from components.store import Store


def take_made(
    engine: Engine, store: Store, path: Path, name: str, note: str = "", settings: MemberSettings | None = None
) -> MemberFacts:
    """Takes in a `.keras` file that a worker has made, under a file name of its own.

    Args:
        engine: Opens it.
        store: Keeps it.
        path: The file.
        name: The file's name to be, without its suffix.
        note: A sentence for the member's card.
        settings: What the member begins with in a fusion, and what it is called on the shelf.

    Raises:
        Refusal: when it cannot be kept or opened.
    """
    with path.open("rb") as stream:
        facts = take_member(engine, store, stream, f"{name}.keras")
    if note and note not in facts.notes:
        facts = facts.model_copy(update={"notes": (*facts.notes, note)})
        store.add_member(facts)
    if settings is not None:
        store.keep_settings(facts.sha256, settings)
    return facts


def make_architecture(engine: Engine, store: Store, order: ArchitectureOrder) -> MemberFacts:
    """An architecture of `keras.applications` as a member, with random weights.

    Raises:
        Refusal: when it cannot be built as it is asked for.
    """
    settings = MemberSettings(title=read_title(f"{order.architecture}, untrained"), scaling=scaling_of(order))
    made = engine.request("make_architecture", order=order.model_dump(mode="json"))
    note = (
        f"{order.architecture} of keras.applications with random weights: it has learned nothing yet and starts from nothing."
    )
    return take_made(engine, store, Path(made), order.name, note, settings)
