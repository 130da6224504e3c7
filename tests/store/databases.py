"""The databases that the store is tested with: SQLite, and a PostgreSQL server where the environment names one.

`TRIBUTARY_TEST_DATABASE` is its URL, such as `postgresql+psycopg://user@host/database`; each test gets a schema of its own.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, make_url
from sqlalchemy.schema import CreateSchema, DropSchema

SERVER = os.environ.get("TRIBUTARY_TEST_DATABASE")

DATABASES = ("sqlite", "postgresql") if SERVER else ("sqlite",)
"""Those that are there."""


@contextmanager
def empty_database(kind: str, home: Path) -> Iterator[str]:
    """The URL of an empty database of this kind."""
    if kind == "sqlite":
        yield f"sqlite:///{home / 'store.db'}"
        return
    assert SERVER is not None
    schema, engine = f"test_{uuid.uuid4().hex}", create_engine(SERVER)
    with engine.begin() as connection:
        connection.execute(CreateSchema(schema))
    yield make_url(SERVER).update_query_dict({"options": f"-csearch_path={schema}"}).render_as_string(hide_password=False)
    with engine.begin() as connection:
        connection.execute(DropSchema(schema, cascade=True))
    engine.dispose()
