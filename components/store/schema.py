"""The database's tables, brought to what this version knows. A table only ever gains: nothing is renamed or removed."""

from __future__ import annotations

from sqlalchemy import Column, Connection, Table, func, inspect, literal, select
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from components.store.tables import metadata

_LOCK = 0x7472_6962
"""What stands for this schema among a server's advisory locks."""


def bring_up_to_date(connection: Connection) -> None:
    """Creates what is missing: tables, and columns and indexes of tables that an earlier version has made.

    A new column that may not be empty needs a default, which the rows that are there get. Safe when several
    machines do so at once.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    present = {
        name: {column["name"] for column in columns} for (_, name), columns in inspect(connection).get_multi_columns().items()
    }
    metadata.create_all(connection)
    missing = [
        (table, column)
        for table in metadata.sorted_tables
        for column in table.columns
        if table.name in present and column.name not in present[table.name]
    ]
    if missing:
        _add(connection, missing)


def _add(connection: Connection, missing: list[tuple[Table, Column]]) -> None:
    # Imported here and not above: it takes a while, and most starts find nothing to do.
    from alembic.migration import MigrationContext
    from alembic.operations import Operations

    operations = Operations(MigrationContext.configure(connection))
    for table, column in missing:
        default = literal(column.default.arg, column.type) if isinstance(column.default, ScalarElementColumnDefault) else None
        operations.add_column(table.name, Column(column.name, column.type, nullable=column.nullable, server_default=default))
    for index in {index for table, _ in missing for index in table.indexes}:
        index.create(connection, checkfirst=True)
