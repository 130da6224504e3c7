"""From a file that somebody brings to a member or dataset in the store: kept first, then opened in a worker."""

from __future__ import annotations

from typing import IO

from components.data.facts import DatasetFacts
from components.engine.client import Engine
from components.models.facts import MemberFacts
from components.models.shelf import ShelfMember
from components.store.store import Store


def take_member(engine: Engine, store: Store, stream: IO[bytes], file_name: str) -> MemberFacts:
    """Keeps a model file and opens it in a worker; bytes that are known already are not opened again.

    Raises:
        Refusal: when the file cannot be kept or cannot be opened; nothing of it stays then.
    """
    upload = store.save_upload(stream, file_name)
    known = {facts.sha256: facts for facts in store.members()}
    if upload.sha256 in known:
        return known[upload.sha256]
    canonical = store.canonical(upload.sha256)
    answer = engine.request("open_member", path=str(upload.path), file_name=upload.file_name, canonical=str(canonical))
    facts = MemberFacts.model_validate(answer)
    store.add_member(facts)
    return facts


def take_shelf_member(engine: Engine, store: Store, member: ShelfMember) -> MemberFacts:
    """A member of the shelf, by the same way as an upload."""
    with member.path.open("rb") as stream:
        return take_member(engine, store, stream, member.path.name)


def take_dataset(engine: Engine, store: Store, stream: IO[bytes], file_name: str) -> DatasetFacts:
    """Keeps a dataset file and reads it in a worker.

    Raises:
        Refusal: when the file cannot be kept or cannot be read.
    """
    upload = store.save_upload(stream, file_name)
    answer = engine.request("read_dataset", path=str(upload.path), file_name=upload.file_name, sha256=upload.sha256)
    facts = DatasetFacts.model_validate(answer)
    store.add_dataset(facts)
    return facts


def take_example(engine: Engine, store: Store, name: str) -> DatasetFacts:
    """One of the examples, by its name."""
    facts = DatasetFacts.model_validate(engine.request("example", name=name))
    store.add_dataset(facts)
    return facts
