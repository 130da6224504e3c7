"""The list of all runs: searched, named and noted by people."""

from __future__ import annotations

from sqlalchemy import Connection, Engine, exists, select, update

from components.recipe import Recipe, Refusal
from components.recipe.wording import shown
from components.store import tables
from components.store.runs import run_of, trains_one_model
from components.store.search import matches, words_of
from components.store.values import Run

NAME_LENGTH, NOTE_LENGTH = 60, 4000
"""Characters of a run's name and note."""


class RunList:
    """Runs as people find and call them. Names need not be unique: a run's address is its id."""

    _engine: Engine

    def find_runs(self, text: str = "", limit: int | None = None) -> tuple[Run, ...]:
        """The runs in which every word of the text is found, the newest first, at most so many; comparisons are none of them.

        Words are parts of the run's name, its note, its layout, its members' and dataset's names, or its whole state;
        capital and small letters are the same.
        """
        columns = tables.runs.c
        query = (
            select(tables.runs)
            .order_by(columns.created.desc(), columns.id)
            .where(trains_one_model(), *matches(text))
            .limit(limit)
        )
        with self._engine.begin() as connection:
            _complete_words(connection)
            return tuple(run_of(row) for row in connection.execute(query).mappings())

    def has_runs(self) -> bool:
        """Whether there is any run but comparisons."""
        with self._engine.connect() as connection:
            return bool(connection.scalar(select(exists(select(tables.runs.c.id).where(trains_one_model())))))

    def run_ids(self) -> set[str]:
        """The ids of all runs, whatever they train."""
        with self._engine.connect() as connection:
            return set(connection.scalars(select(tables.runs.c.id)))

    def run_called(self, name: str) -> Run:
        """The run of this id or name.

        Raises:
            Refusal: when there is none, or when several have this name.
        """
        columns = tables.runs.c
        query = select(tables.runs).where((columns.id == name) | (columns.name == name)).order_by(columns.created)
        with self._engine.connect() as connection:
            found = [run_of(row) for row in connection.execute(query).mappings()]
        if not found:
            raise Refusal(f"There is no run called “{shown(name)}”. The Compare page lists all runs.")
        if len(found) > 1:
            ids = ", ".join(run.id for run in found[:5])
            raise Refusal(f"{len(found)} runs are called “{shown(name)}”. Name one by its id: {ids}.")
        return found[0]

    def rename_run(self, id: str, name: str) -> None:
        """Gives a run another name: one line of printable characters, at most 60.

        Raises:
            Refusal: when nothing is left of the name.
        """
        plain = shown(name, NAME_LENGTH)
        if not plain:
            raise Refusal("A run needs a name. Type at least one letter.")
        self._describe(id, name=plain)

    def keep_note(self, id: str, note: str) -> None:
        """Keeps a person's own text on a run, at most 4,000 characters of it."""
        self._describe(id, note=note.replace("\0", "").strip()[:NOTE_LENGTH])

    def _describe(self, id: str, **values: str) -> None:
        with self._engine.begin() as connection:
            columns, where = tables.runs.c, tables.runs.c.id == id
            row = connection.execute(select(columns.name, columns.note, columns.recipe).where(where)).mappings().one_or_none()
            if row is not None:
                name, note, recipe = ({**row, **values}[key] for key in ("name", "note", "recipe"))
                words = words_of(name, note, Recipe.model_validate_json(recipe))
                connection.execute(update(tables.runs).where(where).values(**values, words=words))


def _complete_words(connection: Connection) -> None:
    """Fills in what is searched where a version that knew no search has made the run."""
    columns = tables.runs.c
    for row in connection.execute(select(columns.id, columns.name, columns.recipe).where(columns.words.is_(None))).all():
        words = words_of(row.name, "", Recipe.model_validate_json(row.recipe))
        connection.execute(update(tables.runs).where(columns.id == row.id).values(words=words))
