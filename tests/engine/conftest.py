from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from components.data.binding import propose
from components.data.facts import Bound
from components.engine.client import Engine, start_supervisor, stop_supervisor
from components.engine.protocol import address
from components.engine.uploads import take_example, take_member
from components.fusion.plan import plan
from components.models.facts import MemberFacts
from components.recipe import Data, Member, Recipe, Training
from components.store import Store
from components.views import services
from tests.engine.waiting import until
from tests.store.databases import DATABASES, empty_database


@pytest.fixture(scope="session")
def shared_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One home folder for all tests that need real workers: TensorFlow takes seconds to load."""
    home = tmp_path_factory.mktemp("home")
    # On the server, where the environment names one.
    with empty_database(DATABASES[-1], home) as url:
        store = Store(home, url)
        yield store
        store.close()


@pytest.fixture(scope="session")
def engine(shared_store: Store) -> Iterator[Engine]:
    """A supervisor whose workers also answer the tests' own requests."""
    start_supervisor(shared_store, ["--requests", "tests.engine.extra_requests"])
    # An engine that found none would start another one, without the extra requests.
    until(lambda: Path(address(shared_store.home)).exists())
    engine = Engine(shared_store)
    yield engine
    stop_supervisor(shared_store.home)


@pytest.fixture(params=DATABASES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with empty_database(request.param, tmp_path) as url:
        opened = Store(tmp_path, url)
        yield opened
        opened.close()


MEMBERS = {"mlp": "digits-mlp-keras2.15.0.h5", "cnn": "digits-cnn-logits-keras3.3.3.keras"}


@pytest.fixture(scope="session")
def members(engine: Engine, shared_store: Store, files: Path) -> dict[str, MemberFacts]:
    found = {}
    for name, file in MEMBERS.items():
        with open(files / file, "rb") as stream:
            found[name] = take_member(engine, shared_store, stream, file)
    return found


@pytest.fixture(scope="session")
def data(engine: Engine, shared_store: Store, members: dict[str, MemberFacts]) -> Data:
    return propose(take_example(engine, shared_store, "digits"), list(members.values()))


@pytest.fixture(scope="session")
def recipe(engine: Engine, members: dict[str, MemberFacts], data: Data) -> Recipe:
    bound = Bound.model_validate(engine.request("bind", data=data.model_dump(mode="json")))
    chosen = [(Member(name=name, sha256=card.sha256, file_name=card.file_name), card) for name, card in members.items()]
    return Recipe(
        name="digits together",
        members=tuple(member for member, _ in chosen),
        data=data,
        layout="average",
        graph=plan("average", {}, chosen, data, bound).graph,
        training=Training(epochs=3, learning_rate=3e-3),
    )


@pytest.fixture
def web(engine: Engine, shared_store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The web process's own way to the shared store and its workers."""
    kept = (services.store, services.engine, services.card)
    monkeypatch.setenv("TRIBUTARY_HOME", str(shared_store.home))
    monkeypatch.setenv("TRIBUTARY_STORE", shared_store.url)
    for each in kept:
        each.cache_clear()
    yield
    services.store().close()
    for each in kept:
        each.cache_clear()
