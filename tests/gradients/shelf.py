"""Members and data as the app keeps them, and the requests that its workers answer, for one home folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras

from components.commands.files import bind_data, open_members
from components.engine.requests import Requests
from components.fusion.plan import plan
from components.gradients.probing import Probing
from components.gradients.report import GradientReport
from components.models.facts import MemberFacts
from components.recipe import Data, Member, Recipe
from components.store.files import Files

Known = list[tuple[Member, MemberFacts]]


class Shelf:
    """Opens models as uploads are opened, and measures what recipes over them say."""

    def __init__(self, home: Path) -> None:
        self._folder = home
        self.files = Files(home)
        self.requests = Requests(self.files)

    def open(self, *models: keras.Model, **changes: Any) -> Known:
        """Each model saved under its name and opened by intake; `changes` are made to all members."""
        paths = []
        for model in models:
            paths.append(self._folder / f"{model.name}.keras")
            model.save(paths[-1])
        return [(member.model_copy(update=changes), known) for member, known in open_members(paths, self.files)]

    def bind(self, members: Known, data: str | Path, target: str | None = None) -> Data:
        """A dataset bound as the Data page proposes it."""
        return bind_data(str(data), target, self.files, self.requests, [known for _, known in members])

    def recipe(self, layout: str, members: Known, data: Data, **options: Any) -> Recipe:
        """A layout over these members, as the Fuse page writes it."""
        graph = plan(layout, options, members, data, self.requests.bind(data)).graph
        own = tuple(member for member, _ in members)
        return Recipe(members=own, data=data, layout=layout, options=options, graph=graph)

    def reports(self, recipes: Sequence[Recipe], steps: int = 0) -> dict[str, GradientReport]:
        """What a worker answers, by layout."""
        found = self.requests.gradients(list(recipes), Probing(steps=steps))
        return {report.layout: report for report in found}
