"""Comparisons in the database: runs that train several layouts, with a curve for each."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Engine, func, insert, select, update

from components.store import tables
from components.store.points import number
from components.store.runs import run_of
from components.store.values import Run
from components.training.comparison.report import ComparedPoint, Comparison, ComparisonReport


class Comparisons:
    """What is asked of comparisons, what they tell while they train, and what they bring."""

    _engine: Engine

    def comparisons(self) -> tuple[Run, ...]:
        """The runs that are comparisons, the newest first."""
        compared = tables.runs.c.id.in_(select(tables.comparisons.c.run_id))
        query = select(tables.runs).where(compared).order_by(tables.runs.c.created.desc(), tables.runs.c.id)
        with self._engine.connect() as connection:
            return tuple(run_of(row) for row in connection.execute(query).mappings())

    def comparison(self, id: str) -> Comparison | None:
        """What a run compares; None of one that trains one model."""
        text = self._document(tables.comparisons.c.comparison, id)
        return None if text is None else Comparison.model_validate_json(text)

    def comparison_report(self, id: str) -> ComparisonReport | None:
        """What a comparison brought; None before its end."""
        text = self._document(tables.comparisons.c.report, id)
        return None if text is None else ComparisonReport.model_validate_json(text)

    def keep_comparison_report(self, id: str, report: ComparisonReport) -> None:
        """Keeps what a comparison brought."""
        with self._engine.begin() as connection:
            where = tables.comparisons.c.run_id == id
            connection.execute(update(tables.comparisons).where(where).values(report=report.model_dump_json()))

    def append_compared(self, id: str, points: Sequence[ComparedPoint]) -> None:
        """Adds points to a comparison's curves."""
        if points:
            with self._engine.begin() as connection:
                rows = [{"run_id": id, **point.model_dump()} for point in points]
                connection.execute(insert(tables.compared_points), rows)

    def compared(self, id: str, after: int = 0) -> list[tuple[int, ComparedPoint]]:
        """A comparison's points with their row ids, in order; `after` a row id only what came since."""
        columns = tables.compared_points.c
        query = select(tables.compared_points).where(columns.run_id == id, columns.id > after).order_by(columns.id)
        with self._engine.connect() as connection:
            return [
                (
                    row.id,
                    ComparedPoint(
                        contender=row.contender,
                        seed=row.seed,
                        epoch=row.epoch,
                        loss=number(row.loss),
                        metric=number(row.metric),
                    ),
                )
                for row in connection.execute(query)
            ]

    def count_compared(self, id: str) -> int:
        """How many points a comparison's curves have: fewer than before when they are told anew."""
        where = tables.compared_points.c.run_id == id
        with self._engine.connect() as connection:
            return connection.scalar(select(func.count()).select_from(tables.compared_points).where(where)) or 0

    def _document(self, column: ColumnElement[str], id: str) -> str | None:
        with self._engine.connect() as connection:
            return connection.scalar(select(column).where(tables.comparisons.c.run_id == id))
