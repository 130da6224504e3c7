"""Runs in the database, from the queue to their results.

Every change is one statement that names the states it may start from: whoever comes second changes nothing, so that
the web process and the supervisor never undo each other's work.
"""

from __future__ import annotations

import time
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Connection, Engine, RowMapping, delete, exists, insert, or_, select, update

from components.recipe import Recipe, Refusal
from components.store import tables
from components.store.names import new_id, new_name
from components.store.search import words_of
from components.store.values import AT_WORK, BEFORE, ENDED, STOPPING, Run, State, Stop
from components.training.comparison.report import Comparison
from components.training.environment import Environment
from components.training.events import Result, Score

_SCORES = TypeAdapter(tuple[Score, ...])


# Lists show the same runs again and again, and what is read of a recipe never changes.
_recipe = lru_cache(512)(Recipe.model_validate_json)
_result = lru_cache(512)(Result.model_validate_json)


def run_of(row: RowMapping) -> Run:
    """A row of the table of runs as a value."""
    values: dict[str, Any] = dict(row)
    for column in ("words", "home", "curves_revision"):
        del values[column]
    result, environment = row["result"], row["environment"]
    return Run(
        **{
            **values,
            "recipe": _recipe(row["recipe"]),
            "baselines": _SCORES.validate_json(row["baselines"]),
            "result": None if result is None else _result(result),
            "environment": None if environment is None else Environment.model_validate_json(environment),
        }
    )


def _unused_name(connection: Connection) -> str:
    """Two words that no run is called by, as long as there are some."""
    for _ in range(8):
        name = new_name()
        if not connection.scalar(select(exists().where(tables.runs.c.name == name))):
            break
    return name


def trains_one_model() -> ColumnElement[bool]:
    """Whether a row of the table of runs is a run of one model, and no comparison or search."""
    return tables.runs.c.id.not_in(select(tables.comparisons.c.run_id)) & ~is_search()


def is_search() -> ColumnElement[bool]:
    """Whether a row of the table of runs is a search: its recipe says what is searched."""
    # Within a text of JSON, the quotation mark behind the name would have a backslash before it.
    return tables.runs.c.recipe.contains('"search":{"method"', autoescape=True)


class Runs:
    """Training runs, from the queue to their results.

    Several home folders, on one machine or on several, may share a database. A run is trained where its files are: in the home
    folder in which it was created.
    """

    _engine: Engine
    home_id: str
    """What tells this home folder from others that share the database."""

    def create_run(self, recipe: Recipe, comparison: Comparison | None = None) -> Run:
        """A new run of this recipe, at the end of the queue; with a `comparison` it trains several layouts."""
        id = new_id()
        with self._engine.begin() as connection:
            name = _unused_name(connection)
            row = {
                "id": id,
                "name": name,
                "recipe": recipe.model_dump_json(),
                "state": "queued",
                "created": time.time(),
                "words": words_of(name, "", recipe),
                "home": self.home_id,
            }
            connection.execute(insert(tables.runs).values(**row))
            if comparison is not None:
                asked = comparison.model_dump_json()
                connection.execute(insert(tables.comparisons).values(run_id=id, comparison=asked))
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
        return run_of(row)

    def runs(self, *states: State) -> tuple[Run, ...]:
        """All runs but comparisons, or those in one of `states`, the newest first."""
        query = select(tables.runs).where(trains_one_model()).order_by(tables.runs.c.created.desc(), tables.runs.c.id)
        with self._engine.connect() as connection:
            rows = connection.execute(query.where(tables.runs.c.state.in_(states)) if states else query).mappings().all()
        return tuple(run_of(row) for row in rows)

    def runs_here(self, *states: State) -> tuple[Run, ...]:
        """The runs of this home folder in one of `states`, the newest first."""
        query = select(tables.runs).where(tables.runs.c.state.in_(states), self._here())
        with self._engine.connect() as connection:
            rows = connection.execute(query.order_by(tables.runs.c.created.desc(), tables.runs.c.id)).mappings().all()
        return tuple(run_of(row) for row in rows)

    def queue(self) -> tuple[str, ...]:
        """The ids of this home folder's waiting runs, the next one first."""
        columns = tables.runs.c
        query = select(columns.id).where(columns.state == "queued", self._here()).order_by(columns.created, columns.id)
        with self._engine.connect() as connection:
            return tuple(connection.scalars(query))

    def queue_position(self, id: str) -> int | None:
        """A waiting run's place, 1 for the next one; None when it does not wait."""
        queue = self.queue()
        return queue.index(id) + 1 if id in queue else None

    def change_state(self, id: str, state: State, message: str = "", detail: str = "", result: Result | None = None) -> bool:
        """Moves a run to a state with a sentence for a person; False when it may not enter that state from where it is."""
        # PostgreSQL keeps no NUL, and what a process said last may hold some.
        said = (text.replace("\0", "\N{REPLACEMENT CHARACTER}") for text in (message, detail))
        values: dict[str, Any] = dict(zip(("state", "message", "detail"), (state, *said), strict=True))
        if state == "starting":
            values["started"] = time.time()
        if state == "queued":
            values["ended"] = None
        if state in ENDED:
            values.update(ended=time.time(), time_left=None, memory=None)
        if result is not None:
            values["result"] = result.model_dump_json()
        return self._update(id, BEFORE[state], values)

    def request_stop(self, id: str, how: Stop) -> bool:
        """Marks a run that is at work; one that waits is paused or cancelled at once. False when that is asked too late."""
        at_once: dict[Stop, State] = {"pause": "paused", "cancel": "cancelled"}
        if how in at_once:
            message = f"{at_once[how].capitalize()} before it started."
            if self._update(id, ("queued",), {"state": at_once[how], "ended": time.time(), "message": message}):
                return True
        return self.change_state(id, STOPPING[how])

    def report(
        self,
        id: str,
        *,
        epoch: float,
        steps: int,
        steps_per_second: float | None = None,
        time_left: float | None = None,
        memory: int | None = None,
        message: str = "",
    ) -> None:
        """Keeps how far a run is; `time_left` in seconds, `memory` in bytes."""
        values = {"epoch": epoch, "steps": steps, "steps_per_second": steps_per_second}
        self._update(id, AT_WORK, {**values, "time_left": time_left, "memory": memory, "message": message})

    def keep_baselines(self, id: str, baselines: tuple[Score, ...]) -> None:
        """Keeps what the members and their average reach without training."""
        self._update(id, AT_WORK, {"baselines": _SCORES.dump_json(baselines).decode()})

    def keep_environment(self, id: str, environment: Environment) -> None:
        """Keeps what a run is made with."""
        self._update(id, AT_WORK, {"environment": environment.model_dump_json()})

    def remove_run(self, id: str) -> bool:
        """Removes a run that has ended, with its curves; False when it has not."""
        with self._engine.begin() as connection:
            where = (tables.runs.c.id == id, tables.runs.c.state.in_(ENDED))
            return connection.execute(delete(tables.runs).where(*where)).rowcount == 1

    def _here(self) -> ColumnElement[bool]:
        # A version that knew one home folder alone named none.
        return or_(tables.runs.c.home == self.home_id, tables.runs.c.home.is_(None))

    def _update(self, id: str, states: tuple[State, ...], values: dict[str, Any]) -> bool:
        where = (tables.runs.c.id == id, tables.runs.c.state.in_(states))
        with self._engine.begin() as connection:
            return connection.execute(update(tables.runs).where(*where).values(**values)).rowcount == 1
