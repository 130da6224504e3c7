from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from components.store import Store
from tests.store.databases import DATABASES, empty_database


@pytest.fixture(params=DATABASES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database."""
    with empty_database(request.param, tmp_path) as url:
        yield url


@pytest.fixture
def store(tmp_path: Path, url: str) -> Iterator[Store]:
    opened = Store(tmp_path, url)
    yield opened
    opened.close()
