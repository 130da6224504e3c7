from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from components.engine.client import Engine, start_supervisor
from components.store import Store


@pytest.fixture(scope="session")
def shared_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One home folder for all tests that need real workers: TensorFlow takes seconds to load."""
    home = tmp_path_factory.mktemp("home")
    store = Store(home, f"sqlite:///{home / 'store.db'}")
    yield store
    store.close()


@pytest.fixture(scope="session")
def engine(shared_store: Store) -> Iterator[Engine]:
    """A supervisor whose workers also answer the tests' own requests."""
    start_supervisor(shared_store, ["--requests", "tests.engine.extra_requests"])
    engine = Engine(shared_store)
    yield engine
    engine.stop()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path, f"sqlite:///{tmp_path / 'store.db'}")
    yield opened
    opened.close()
