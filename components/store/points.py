"""The points of the runs' curves in the database."""

from __future__ import annotations

import math
from collections.abc import Sequence

from sqlalchemy import Engine, delete, insert, select

from components.store import tables
from components.training.events import Point


class Points:
    """The curves of all runs."""

    _engine: Engine

    def append_points(self, id: str, points: Sequence[Point]) -> None:
        """Adds points to a run's curves."""
        if points:
            with self._engine.begin() as connection:
                connection.execute(insert(tables.points), [{"run_id": id, **point.model_dump()} for point in points])

    def drop_curves(self, id: str) -> None:
        """Removes all curves of a run or a comparison: it is taken up again, and tells them anew."""
        with self._engine.begin() as connection:
            for table in (tables.points, tables.compared_points):
                connection.execute(delete(table).where(table.c.run_id == id))

    def points(self, id: str, after: int = 0) -> list[tuple[int, Point]]:
        """A run's points with their row ids, in order; `after` a row id only what came since."""
        query = (
            select(tables.points).where(tables.points.c.run_id == id, tables.points.c.id > after).order_by(tables.points.c.id)
        )
        with self._engine.connect() as connection:
            return [
                (
                    row.id,
                    Point(
                        step=row.step,
                        epoch=row.epoch,
                        split=row.split,
                        loss=number(row.loss),
                        metric=number(row.metric),
                        learning_rate=row.learning_rate,
                    ),
                )
                for row in connection.execute(query)
            ]


def number(value: float | None) -> float:
    """A number as it was before SQLite kept a NaN as NULL."""
    return math.nan if value is None else value
