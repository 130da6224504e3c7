"""Runs and their curves in the database.

Every change is one statement that names the states it may start from: whoever comes second changes nothing, so that
the web process and the supervisor never undo each other's work.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Engine, RowMapping, delete, insert, select, update

from components.recipe import Recipe, Refusal
from components.store import tables
from components.store.names import new_id, new_name
from components.store.values import BEFORE, ENDED, Run, State
from components.training.events import Point, Result, Score

_SCORES = TypeAdapter(tuple[Score, ...])


def _run(row: RowMapping) -> Run:
    recipe, result = row["recipe"], row["result"]
    return Run(
        **{
            **row,
            "recipe": Recipe.model_validate_json(recipe),
            "baselines": _SCORES.validate_json(row["baselines"]),
            "result": None if result is None else Result.model_validate_json(result),
        }
    )


def _number(value: float | None) -> float:
    return math.nan if value is None else value


class Runs:
    """Training runs, from the queue to their results."""

    _engine: Engine

    def create_run(self, recipe: Recipe) -> Run:
        """A new run of this recipe, at the end of the queue."""
        id = new_id()
        row = {
            "id": id,
            "name": new_name(),
            "recipe": recipe.model_dump_json(),
            "state": "queued",
            "created": time.time(),
        }
        with self._engine.begin() as connection:
            connection.execute(insert(tables.runs).values(**row))
        return self.run(id)

    def run(self, id: str) -> Run:
        """One run.

        Raises:
            Refusal: when there is none.
        """
        with self._engine.connect() as connection:
            row = connection.execute(select(tables.runs).where(tables.runs.c.id == id)).mappings().one_or_none()
        if row is None:
            raise Refusal("There is no run of this address. Choose one from the list, or start a new one.", repr(id)[:80])
        return _run(row)

    def runs(self, *states: State) -> tuple[Run, ...]:
        """All runs, or those in one of `states`, the newest first."""
        query = select(tables.runs).order_by(tables.runs.c.created.desc(), tables.runs.c.id)
        with self._engine.connect() as connection:
            rows = connection.execute(query.where(tables.runs.c.state.in_(states)) if states else query).mappings().all()
        return tuple(_run(row) for row in rows)

    def queue(self) -> tuple[str, ...]:
        """The ids of waiting runs, the next one first."""
        query = (
            select(tables.runs.c.id).where(tables.runs.c.state == "queued").order_by(tables.runs.c.created, tables.runs.c.id)
        )
        with self._engine.connect() as connection:
            return tuple(connection.scalars(query))

    def queue_position(self, id: str) -> int | None:
        """A waiting run's place, 1 for the next one; None when it does not wait."""
        queue = self.queue()
        return queue.index(id) + 1 if id in queue else None

    def change_state(self, id: str, state: State, message: str = "", detail: str = "", result: Result | None = None) -> bool:
        """Moves a run to a state with a sentence for a person; False when it may not enter that state from where it is."""
        values: dict[str, Any] = {"state": state, "message": message, "detail": detail}
        if state == "starting":
            values["started"] = time.time()
        if state in ENDED:
            values.update(ended=time.time(), time_left=None)
        if result is not None:
            values["result"] = result.model_dump_json()
        return self._update(id, BEFORE[state], values)

    def request_cancel(self, id: str) -> bool:
        """Cancels a waiting run at once and marks a running one; False when it has ended or is being cancelled already."""
        return self._update(
            id, ("queued",), {"state": "cancelled", "ended": time.time(), "message": "Cancelled before it started."}
        ) or self.change_state(id, "cancelling")

    def report(
        self,
        id: str,
        *,
        epoch: float,
        steps: int,
        steps_per_second: float | None = None,
        time_left: float | None = None,
        message: str = "",
    ) -> None:
        """Keeps how far a run is; `time_left` in seconds."""
        self._update(
            id,
            ("starting", "running", "cancelling"),
            {"epoch": epoch, "steps": steps, "steps_per_second": steps_per_second, "time_left": time_left, "message": message},
        )

    def keep_baselines(self, id: str, baselines: tuple[Score, ...]) -> None:
        """Keeps what the members and their average reach without training."""
        self._update(id, ("starting", "running", "cancelling"), {"baselines": _SCORES.dump_json(baselines).decode()})

    def append_points(self, id: str, points: Sequence[Point]) -> None:
        """Adds points to a run's curves."""
        if points:
            with self._engine.begin() as connection:
                connection.execute(insert(tables.points), [{"run_id": id, **point.model_dump()} for point in points])

    def points(self, id: str, after: int = 0) -> list[tuple[int, Point]]:
        """A run's points with their row ids, in order; `after` a row id only what came since."""
        query = (
            select(tables.points).where(tables.points.c.run_id == id, tables.points.c.id > after).order_by(tables.points.c.id)
        )
        with self._engine.connect() as connection:
            return [
                (
                    row.id,
                    Point(step=row.step, epoch=row.epoch, split=row.split, loss=_number(row.loss), metric=_number(row.metric)),
                )
                for row in connection.execute(query)
            ]

    def remove_run(self, id: str) -> bool:
        """Removes a run that has ended, with its curves; False when it has not."""
        with self._engine.begin() as connection:
            where = (tables.runs.c.id == id, tables.runs.c.state.in_(ENDED))
            return connection.execute(delete(tables.runs).where(*where)).rowcount == 1

    def _update(self, id: str, states: tuple[State, ...], values: dict[str, Any]) -> bool:
        where = (tables.runs.c.id == id, tables.runs.c.state.in_(states))
        with self._engine.begin() as connection:
            return connection.execute(update(tables.runs).where(*where).values(**values)).rowcount == 1
