"""The connection to the database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Table, create_engine, event, insert, make_url, update
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError

from components.recipe import Refusal
from components.recipe.wording import shown
from components.store.lock import FileLock
from components.store.schema import bring_up_to_date

BUSY_SECONDS = 20
"""How long a writer waits for its turn in SQLite before it gives up."""

CONNECT_SECONDS = 5
"""How long a PostgreSQL server may take to answer; the system itself would wait for minutes."""

_PATIENCE = {"sqlite": {"timeout": BUSY_SECONDS}, "postgresql": {"connect_timeout": CONNECT_SECONDS}}


def _prepare_sqlite(connection: Any, record: object) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def connect(home: Path, url: str) -> Engine:
    """Opens the database, with its tables; safe when several processes do so at once, and for many threads.

    SQLite writes ahead (WAL), so that readers never wait for a writer.

    Raises:
        Refusal: when the URL is none, its driver is not installed, or the database cannot be opened.
    """
    engine = _engine(url)
    try:
        with FileLock(home / "store.lock"), engine.begin() as connection:
            bring_up_to_date(connection)
    except DBAPIError as error:
        engine.dispose()
        raise unusable(url, error) from error
    return engine


def unusable(url: str, error: DBAPIError) -> Refusal:
    """What a person reads when the database of this URL does not do what it is asked; secrets in the URL are not shown."""
    where = make_url(url).set(query={}).render_as_string()
    return Refusal(
        f"The database {shown(where, 200)} cannot be used. See that it runs, that its disk has room and that you may write to "
        "it, then try again; the environment variable TRIBUTARY_STORE names another.",
        str(error.orig),
    )


def _engine(url: str) -> Engine:
    try:
        backend = make_url(url).get_backend_name()
        sqlite = backend == "sqlite"
        engine = create_engine(url, connect_args=_PATIENCE.get(backend, {}), pool_pre_ping=not sqlite)
    except ImportError as error:
        sentence = f"The database needs a driver that is not installed: pip install {shown(error.name or 'it')}."
        raise Refusal(sentence, str(error)) from error
    except ArgumentError as error:
        sentence = "TRIBUTARY_STORE is no database's URL, such as postgresql+psycopg://user@host/tributary."
        raise Refusal(sentence, type(error).__name__) from error
    if sqlite:
        event.listen(engine, "connect", _prepare_sqlite)
    return engine


def put(engine: Engine, table: Table, key: dict[str, Any], values: dict[str, Any], only_new: dict[str, Any]) -> None:
    """Inserts a row, or updates the one with this key; `only_new` holds what an update leaves as it was."""
    try:
        with engine.begin() as connection:
            connection.execute(insert(table).values(**key, **values, **only_new))
    except IntegrityError:
        with engine.begin() as connection:
            where = (table.c[name] == value for name, value in key.items())
            connection.execute(update(table).where(*where).values(**values))
