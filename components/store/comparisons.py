"""Comparisons in the database: runs that train several layouts."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Engine, select, update

from components.store import tables
from components.store.runs import run_of
from components.store.values import Run
from components.training.comparison.report import Comparison, ComparisonReport


class Comparisons:
    """What is asked of comparisons, and what they bring."""

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

    def _document(self, column: ColumnElement[str], id: str) -> str | None:
        with self._engine.connect() as connection:
            return connection.scalar(select(column).where(tables.comparisons.c.run_id == id))
