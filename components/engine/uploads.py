"""From a file that somebody brings to a member or dataset in the store: kept first, then opened in a worker."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO

from components.data.binding import propose
from components.data.check import check_rows
from components.data.facts import DatasetFacts
from components.engine.array_sets import array_set, as_archive, set_name
from components.engine.client import Engine
from components.engine.datasets import read_dataset
from components.engine.pairs import File, counterpart, kind_of, stem, together
from components.models.facts import MemberFacts
from components.models.settings import MemberSettings
from components.models.shelf import ShelfMember
from components.recipe import Refusal
from components.store import Upload
from components.store.store import Store


def take_member(engine: Engine, store: Store, stream: IO[bytes], file_name: str, beside: Sequence[File] = ()) -> MemberFacts:
    """Keeps a model file and opens it in a worker; bytes that are known already are not opened again.

    An architecture in JSON and the weights that belong to it become one member, whichever of the two this file is: the other
    is looked for in `beside`, the files brought together with this one, and for weights then among the architectures that
    were brought before.

    Raises:
        Refusal: when the file cannot be kept or cannot be opened; nothing of it stays then.
    """
    other = counterpart((stream, file_name), beside)
    kind = kind_of(stream)
    if other and kind == "json":
        return take_member(engine, store, *other, beside=[(stream, file_name)])
    try:
        return _take_member(engine, store, stream, file_name)
    except Refusal as alone:
        if kind != "hdf5":
            raise
        if other:
            return _take_together(engine, store, other, stream)
        return _take_with_earlier(engine, store, stream, file_name, alone)


def take_shelf_member(engine: Engine, store: Store, member: ShelfMember) -> MemberFacts:
    """A member of the shelf, by the same way as an upload; one with outputs of its own brings the names of its classes."""
    with member.path.open("rb") as stream:
        facts = take_member(engine, store, stream, member.path.name)
    if member.own_head and facts.sha256 not in store.member_settings():
        store.keep_settings(facts.sha256, MemberSettings(classes=member.classes))
    return facts


def take_dataset(engine: Engine, store: Store, stream: IO[bytes], file_name: str, beside: Sequence[File] = ()) -> DatasetFacts:
    """Keeps a dataset file and reads it in a worker.

    A single NumPy array is joined with those among `beside`, the files brought together with it, that belong to it.

    Raises:
        Refusal: when the file cannot be kept, cannot be read, or holds nothing that can be predicted; nothing of it stays then.
    """
    arrays = array_set((stream, file_name), beside)
    if arrays:
        with as_archive(arrays) as archive:
            return _take_dataset(engine, store, archive, set_name(list(arrays)))
    return _take_dataset(engine, store, stream, file_name)


def take_example(engine: Engine, store: Store, name: str) -> DatasetFacts:
    """One of the examples, by its name."""
    facts = DatasetFacts.model_validate(engine.request("example", name=name))
    store.add_dataset(facts)
    return facts


def _take_dataset(engine: Engine, store: Store, stream: IO[bytes], file_name: str) -> DatasetFacts:
    with _kept(store, stream, file_name) as upload:
        facts = read_dataset(engine, upload.path, upload.file_name, upload.sha256)
        check_rows(facts)
        propose(facts)
        store.add_dataset(facts)
    return facts


def _take_member(engine: Engine, store: Store, stream: IO[bytes], file_name: str) -> MemberFacts:
    with _kept(store, stream, file_name) as upload:
        known = {facts.sha256: facts for facts in store.members()}
        if upload.sha256 in known:
            return known[upload.sha256]
        canonical = store.canonical(upload.sha256)
        answer = engine.request("open_member", path=str(upload.path), file_name=upload.file_name, canonical=str(canonical))
        facts = MemberFacts.model_validate(answer)
        store.add_member(facts)
    return facts


def _take_together(engine: Engine, store: Store, architecture: File, weights: IO[bytes]) -> MemberFacts:
    with together(architecture[0], weights) as stream:
        return _take_member(engine, store, stream, architecture[1])


def _take_with_earlier(engine: Engine, store: Store, weights: IO[bytes], file_name: str, alone: Refusal) -> MemberFacts:
    """Tries the architecture of the same stem, else the one brought last; raises `alone` where that is not the right one."""
    latest = reversed(store.members())
    cards = [card for card in latest if card.format == "architecture" and store.blob(card.sha256).is_file()]
    for card in sorted(cards, key=lambda card: stem(card.file_name) != stem(file_name)):
        with store.blob(card.sha256).open("rb") as stream:
            if kind_of(stream) == "json":
                try:
                    return _take_together(engine, store, (stream, card.file_name), weights)
                except Refusal:
                    break
    raise alone


@contextmanager
def _kept(store: Store, stream: IO[bytes], file_name: str) -> Iterator[Upload]:
    """The stored bytes of a file, removed again when it is refused."""
    upload = store.save_upload(stream, file_name)
    try:
        yield upload
    except Refusal:
        store.discard(upload.sha256)
        raise
