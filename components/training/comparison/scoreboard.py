"""A comparison's leaderboard while it grows: the members and their average at once, each layout as its trainings end."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from components.fusion.layouts import LAYOUTS
from components.recipe import Refusal
from components.recipe.wording import shown
from components.training.alone import predict_alone
from components.training.comparison.contenders import contender, correct, ranked
from components.training.comparison.contest import Contest, Turn
from components.training.comparison.costs import Cost, Costs
from components.training.comparison.diversity import oracle, pairs
from components.training.comparison.outcomes import Outcome
from components.training.comparison.report import ComparisonReport, Contender
from components.training.tested import AVERAGE


class Scoreboard:
    """Judges what trainings end with on the test split, against the members alone and their plain average."""

    def __init__(self, contest: Contest) -> None:
        """Lets every member predict the test split of `contest` alone."""
        self._contest, self._began = contest, time.monotonic()
        self._wanted = contest.samples.target[contest.splits.test]
        self._costs = Costs(contest.models)
        self._cost: dict[str, Cost] = {}
        self._outcomes: dict[str, dict[int, Outcome]] = {}
        self._rows = {name: _refused(name, sentence) for name, sentence in contest.refused.items()}
        alone = predict_alone(contest.first, contest.models, contest.samples, contest.splits, contest.splits.test)
        unable = [Contender(name=name, title=name, kind="member", note=no.sentence) for name, no in _refusals(alone)]
        able = {name: said for name, said in alone.items() if not isinstance(said, Refusal)}
        costs = {name: self._costs.of_member(name) for name in able}
        self._alone = [*unable, *(self._row(name, name, "member", said, costs[name]) for name, said in able.items())]
        if len(able) > 1:
            mean, cost = np.mean(list(able.values()), axis=0), Cost(*map(sum, zip(*costs.values(), strict=True)))
            self._alone.append(self._row(AVERAGE, AVERAGE, "average", mean, cost))
        self._right = correct(contest.samples.task, able, self._wanted)

    def add(self, turn: Turn, outcome: Outcome) -> None:
        """Takes what one training ended with; a layout's row is the mean over those so far."""
        name, number = turn
        recipe, known = self._contest.recipes[name], self._outcomes.setdefault(name, {})
        if name not in self._cost:
            self._cost[name] = self._costs.of(recipe)
        known[number] = outcome
        outcomes = [known[each] for each in sorted(known)]
        self._rows[name] = contender(
            name,
            LAYOUTS[name].title,
            "layout",
            self._contest.samples.task,
            [each.predictions for each in outcomes],
            self._wanted,
            options=recipe.options,
            verdict=self._contest.verdicts.get(name, ""),
            reliance=next((each.told.reliance for each in outcomes if each.told.reliance), ()),
            seconds=float(np.mean([each.told.seconds for each in outcomes])),
            best_epoch=outcomes[0].told.best_epoch,
            note=outcomes[0].told.note,
            **self._cost[name]._asdict(),
        )

    def refuse(self, name: str, sentence: str) -> None:
        """A layout that cannot be trained has a row that says why, unless it has one with scores."""
        self._rows.setdefault(name, _refused(name, sentence))

    def report(self) -> ComparisonReport:
        """All rows so far, the best first."""
        return ComparisonReport(
            contenders=ranked([*self._rows.values(), *self._alone]),
            pairs=pairs(self._right),
            oracle=oracle(self._right) if self._right else None,
            samples=len(self._wanted),
            seconds=time.monotonic() - self._began,
        )

    def _row(self, name: str, title: str, kind: Any, said: Any, cost: Cost) -> Contender:
        return contender(name, title, kind, self._contest.samples.task, [[said]], self._wanted, **cost._asdict())


def _refusals(alone: dict[str, Any]) -> list[tuple[str, Refusal]]:
    return [(name, said) for name, said in alone.items() if isinstance(said, Refusal)]


def _refused(name: str, sentence: str) -> Contender:
    title = LAYOUTS[name].title if name in LAYOUTS else shown(name)
    return Contender(name=name, title=title, kind="layout", note=sentence)
