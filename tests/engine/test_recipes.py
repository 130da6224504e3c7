"""The recipe of any run opens again, also when its members and data were removed meanwhile."""

from __future__ import annotations

import io

import pytest

from components.data.binding import propose
from components.engine.client import Engine
from components.engine.recipes import open_run
from components.engine.uploads import take_dataset
from components.models.facts import MemberFacts
from components.recipe import Recipe, Refusal
from components.store import Store
from tests.engine.waiting import ended

TABLE = b"width,height,kind\n" + b"".join(b"%d,%d,%s\n" % (row, row % 7, b"cat" if row % 3 else b"dog") for row in range(60))


def test_what_a_run_needs_comes_back_with_its_recipe(
    engine: Engine, shared_store: Store, recipe: Recipe, members: dict[str, MemberFacts]
) -> None:
    table = take_dataset(engine, shared_store, io.BytesIO(TABLE), "pets.csv")
    member = recipe.members[0]
    named = recipe.model_copy(update={"members": (member,), "data": propose(table, [])})
    id = shared_store.create_run(named).id
    shared_store.request_stop(id, "cancel")
    run = ended(shared_store, id)
    for sha256 in (member.sha256, table.sha256):
        shared_store.remove(sha256)
        assert not shared_store.has_card(sha256)
    assert open_run(engine, shared_store, run) == named
    assert shared_store.member(member.sha256) == members[member.name]
    assert shared_store.dataset(table.sha256) == table
    shared_store.remove_runs([run.id])
    assert shared_store.blob(table.sha256).exists(), "what is in the library stays when a run goes"
    shared_store.remove(table.sha256)


def test_a_recipe_whose_files_lie_elsewhere_is_refused(engine: Engine, shared_store: Store, recipe: Recipe) -> None:
    strange = recipe.model_copy(update={"members": (recipe.members[0].model_copy(update={"sha256": "ab" * 32}),)})
    id = shared_store.create_run(strange).id
    shared_store.request_stop(id, "cancel")
    with pytest.raises(Refusal, match="which is not here"):
        open_run(engine, shared_store, ended(shared_store, id))
