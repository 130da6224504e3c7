"""The curves of runs and comparisons in the database: points are added, and read on by whoever watches."""

from __future__ import annotations

import math
from collections.abc import Sequence

from sqlalchemy import Engine, RowMapping, Table, and_, case, delete, insert, select, update

from components.store import tables
from components.store.values import AnyPoint, Curve
from components.training.comparison.report import ComparedPoint
from components.training.events import Point


class Curves:
    """The points of all runs, and those of all comparisons."""

    _engine: Engine

    def append_points(self, id: str, points: Sequence[Point]) -> None:
        """Adds points to a run's curve."""
        self._append(tables.points, id, points)

    def append_compared(self, id: str, points: Sequence[ComparedPoint]) -> None:
        """Adds points to a comparison's curves."""
        self._append(tables.compared_points, id, points)

    def drop_curves(self, id: str) -> None:
        """Removes all curves of a run or a comparison: it is taken up again, and tells them anew."""
        with self._engine.begin() as connection:
            revision = tables.runs.c.curves_revision
            connection.execute(update(tables.runs).where(tables.runs.c.id == id).values(curves_revision=revision + 1))
            for table in (tables.points, tables.compared_points):
                connection.execute(delete(table).where(table.c.run_id == id))

    def curve(self, id: str, seen: Curve[Point] | None = None) -> Curve[Point]:
        """A run's curve as it stands. Of what was `seen` before, which may be of another run, nothing is read again."""
        return self._read(tables.points, Point, id, seen)

    def compared_curves(self, id: str, seen: Curve[ComparedPoint] | None = None) -> Curve[ComparedPoint]:
        """A comparison's curves as they stand, in the order in which they were told; `seen` is as in `curve`."""
        return self._read(tables.compared_points, ComparedPoint, id, seen)

    def _append(self, table: Table, id: str, points: Sequence[Point] | Sequence[ComparedPoint]) -> None:
        if points:
            with self._engine.begin() as connection:
                connection.execute(insert(table), [{"run_id": id, **point.model_dump()} for point in points])

    def _read(self, table: Table, kind: type[AnyPoint], id: str, seen: Curve[AnyPoint] | None) -> Curve[AnyPoint]:
        known = seen if seen is not None and seen.run == id else Curve(run=id)
        runs = tables.runs.c
        # Rows count up within a revision; SQLite gives the numbers of dropped rows again. Read in one statement, both are of
        # the same moment.
        read = case((runs.curves_revision == known.revision, known.row), else_=0)
        since = tables.runs.outerjoin(table, and_(table.c.run_id == runs.id, table.c.id > read))
        query = select(runs.curves_revision, *table.c).select_from(since).where(runs.id == id).order_by(table.c.id)
        with self._engine.connect() as connection:
            rows = connection.execute(query).mappings().all()
        if not rows:
            return Curve(run=id)
        revision = rows[0]["curves_revision"]
        if revision != known.revision:
            known = Curve(run=id, revision=revision)
        # A run without new points is one row with no point in it.
        if rows[0]["id"] is None:
            return known
        points = (*known.points, *(_point(kind, row) for row in rows))
        return Curve(run=id, points=points, revision=revision, row=rows[-1]["id"])


def _point(kind: type[AnyPoint], row: RowMapping) -> AnyPoint:
    values = {name: row[name] for name in kind.model_fields}
    # SQLite keeps a NaN as NULL.
    return kind(**{**values, **{name: math.nan for name in ("loss", "metric") if values[name] is None}})
