"""Members, datasets and drafts in the database."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import UTC, datetime

from pydantic import ValidationError
from sqlalchemy import ColumnElement, Engine, Table, delete, exists, func, or_, select, update

from components.data.facts import DatasetFacts
from components.models.facts import MemberFacts
from components.models.settings import MemberSettings
from components.recipe import Recipe, Refusal
from components.store import tables
from components.store.database import put
from components.store.files import plain_name


class Cards:
    """What is known of uploaded files, and the recipes that people are at work on."""

    _engine: Engine

    def add_member(self, facts: MemberFacts) -> None:
        """Keeps a member's card; the same bytes again replace it."""
        self._add(tables.members, facts)

    def members(self) -> tuple[MemberFacts, ...]:
        """All members' cards in the order in which they were added."""
        return tuple(MemberFacts.model_validate_json(facts) for facts in self._facts(tables.members))

    def member(self, sha256: str) -> MemberFacts:
        """One member's card.

        Raises:
            Refusal: when there is none.
        """
        return MemberFacts.model_validate_json(self._one(tables.members, sha256, "model"))

    def keep_settings(self, sha256: str, settings: MemberSettings) -> None:
        """Keeps what a person has set of a member by hand."""
        put(self._engine, tables.member_settings, {"sha256": sha256}, {"settings": settings.model_dump_json()}, {})

    def member_settings(self) -> dict[str, MemberSettings]:
        """What was set of members by hand, by their checksums; members of which nothing was set are left out."""
        columns = tables.member_settings.c
        with self._engine.connect() as connection:
            rows = connection.execute(select(columns.sha256, columns.settings)).all()
        return {sha256: MemberSettings.model_validate_json(settings) for sha256, settings in rows}

    def added(self, sha256: str) -> datetime | None:
        """When a member was first brought, in UTC; None when there is none."""
        with self._engine.connect() as connection:
            seconds = connection.scalar(select(tables.members.c.added).where(tables.members.c.sha256 == sha256))
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC)

    def users_of(self, sha256: str) -> tuple[tuple[str, ...], int]:
        """The names of the runs whose recipes name a file, newest first, and how many drafts do."""
        named = select(tables.runs.c.name).where(_by_a_run(sha256)).order_by(tables.runs.c.created.desc())
        drafts = tables.drafts.c.recipe.contains(sha256, autoescape=True)
        with self._engine.connect() as connection:
            count = connection.scalar(select(func.count()).select_from(tables.drafts).where(drafts)) or 0
            return tuple(connection.scalars(named).all()), count

    def add_dataset(self, facts: DatasetFacts) -> None:
        """Keeps a dataset's card; the same bytes again replace it."""
        self._add(tables.datasets, facts)

    def datasets(self) -> tuple[DatasetFacts, ...]:
        """All datasets' cards in the order in which they were added."""
        return tuple(DatasetFacts.model_validate_json(facts) for facts in self._facts(tables.datasets))

    def dataset(self, sha256: str) -> DatasetFacts:
        """One dataset's card; an example's checksum is `example:` and its name.

        Raises:
            Refusal: when there is none.
        """
        return DatasetFacts.model_validate_json(self._one(tables.datasets, sha256, "dataset"))

    def rename(self, sha256: str, file_name: str) -> None:
        """Gives a member or dataset another file name to be shown by."""
        for table, kind in ((tables.members, MemberFacts), (tables.datasets, DatasetFacts)):
            with self._engine.begin() as connection:
                facts = connection.scalar(select(table.c.facts).where(table.c.sha256 == sha256))
                if facts is not None:
                    renamed = kind.model_validate_json(facts).model_copy(update={"file_name": plain_name(file_name)})
                    connection.execute(update(table).where(table.c.sha256 == sha256).values(facts=renamed.model_dump_json()))

    def forget(self, sha256: str) -> bool:
        """Removes a member's or dataset's card; True when no run's recipe names the file, so that it can go too."""
        with self._engine.begin() as connection:
            for table in (tables.members, tables.member_settings, tables.datasets):
                connection.execute(delete(table).where(table.c.sha256 == sha256))
            return not connection.scalar(select(exists().where(_by_a_run(sha256))))

    def has_card(self, sha256: str) -> bool:
        """Whether a member or dataset of this checksum is here."""
        by_a_card = (exists().where(table.c.sha256 == sha256) for table in (tables.members, tables.datasets))
        with self._engine.connect() as connection:
            return bool(connection.scalar(select(or_(*by_a_card))))

    def names(self, sha256: str) -> bool:
        """Whether a member's or dataset's card or a run's recipe names this file."""
        if self.has_card(sha256):
            return True
        with self._engine.connect() as connection:
            return bool(connection.scalar(select(exists().where(_by_a_run(sha256)))))

    def save_draft(self, id: str, recipe: Recipe) -> None:
        """Keeps the recipe that a person is at work on, under the id in their address."""
        put(self._engine, tables.drafts, {"id": id}, {"recipe": recipe.model_dump_json(), "saved": time.time()}, {})

    def draft(self, id: str) -> Recipe | None:
        """The recipe kept under this id; None when there is none that this version can read."""
        with self._engine.connect() as connection:
            text = connection.scalar(select(tables.drafts.c.recipe).where(tables.drafts.c.id == id))
        try:
            return None if text is None else Recipe.model_validate_json(text)
        except ValidationError:
            return None

    def _add(self, table: Table, facts: MemberFacts | DatasetFacts) -> None:
        put(self._engine, table, {"sha256": facts.sha256}, {"facts": facts.model_dump_json()}, {"added": time.time()})

    def _facts(self, table: Table) -> Iterable[str]:
        with self._engine.connect() as connection:
            return connection.scalars(select(table.c.facts).order_by(table.c.added, table.c.sha256)).all()

    def _one(self, table: Table, sha256: str, what: str) -> str:
        with self._engine.connect() as connection:
            facts: str | None = connection.scalar(select(table.c.facts).where(table.c.sha256 == sha256))
        if facts is None:
            raise Refusal(f"This {what} is not here any more. Upload it again.", sha256)
        return facts


def _by_a_run(sha256: str) -> ColumnElement[bool]:
    return tables.runs.c.recipe.contains(sha256, autoescape=True)
