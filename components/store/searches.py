"""Searches in the database: runs whose recipe names a search, and so stands for many trials."""

from __future__ import annotations

from sqlalchemy import Engine, select

from components.store import tables
from components.store.runs import is_search, run_of
from components.store.values import Run


class Searches:
    """The runs that are searches; their trials lie in their folders."""

    _engine: Engine

    def searches(self) -> tuple[Run, ...]:
        """All searches, the newest first."""
        query = select(tables.runs).where(is_search()).order_by(tables.runs.c.created.desc(), tables.runs.c.id)
        with self._engine.connect() as connection:
            return tuple(run_of(row) for row in connection.execute(query).mappings())
