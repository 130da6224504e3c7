"""Layouts compared by training them, with their members and the members' plain average among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from components.recipe import Refusal
from components.training.comparison.contest import Contest, Turn
from components.training.comparison.outcomes import Outcome, Outcomes, Told
from components.training.comparison.rehearsal import Performance, rehearse
from components.training.comparison.reliances import reliances
from components.training.comparison.report import ComparedPoint, ComparisonReport
from components.training.comparison.scoreboard import Scoreboard


class Follower(Protocol):
    """Who follows a comparison, and may stop it. Progress is the part of all trainings that is done, from 0 to 1."""

    def taken_up(self, points: Sequence[ComparedPoint], progress: float) -> None:
        """Trainings with these curves have ended before; what was told of others is void."""

    def compared(self, point: ComparedPoint, progress: float) -> None:
        """The next point of a layout's validation curve."""

    def reached(self, report: ComparisonReport) -> None:
        """The rows so far: once when the members are judged, and whenever trainings have ended."""

    def stop(self) -> bool:
        """Whether the comparison is to stop; asked about ten times a second."""


def compare(contest: Contest, outcomes: Outcomes, follower: Follower) -> tuple[ComparisonReport, list[ComparedPoint]] | None:
    """Trains every layout with the same budget, splits and seeds, and judges all on the test split.

    Each training is kept in `outcomes` as it ends; those that are there already are taken from there.

    Returns:
        All rows, and the curves of all trainings, layout by layout; None when someone stopped it.

    Raises:
        Refusal: when the data have several targets.
    """
    data = contest.first.data
    if data and data.others:
        raise Refusal(
            f"Layouts are compared on one target, and these data have {len(data.targets)}. Take the further ones out "
            "on the Data page."
        )
    found = {turn: outcomes.find(contest.seeded(turn)) for turn in contest.turns}
    known = {turn: outcome for turn, outcome in found.items() if outcome is not None}
    curves = {turn: list(outcome.told.points) for turn, outcome in known.items()}
    left = set(found) - set(known)

    def progress(under_way: float = 0.0) -> float:
        return (len(found) - len(left) + under_way) / len(found)

    def report(point: ComparedPoint, trainings: int) -> None:
        curves.setdefault((point.contender, point.seed), []).append(point)
        follower.compared(point, progress(trainings * point.epoch / contest.first.training.epochs))

    def tell() -> ComparisonReport:
        rows = board.report()
        follower.reached(rows)
        return rows

    follower.taken_up([point for curve in curves.values() for point in curve], progress())
    board = Scoreboard(contest)
    for turn, outcome in known.items():
        board.add(turn, outcome)
    rows = tell()
    for performed in rehearse(contest, frozenset(left), report, follower.stop):
        if isinstance(performed, tuple):
            name, refusal = performed
            board.refuse(name, refusal.sentence)
            left -= {turn for turn in left if turn[0] == name}
        else:
            for turn, outcome in _outcomes(contest, performed, curves).items():
                outcomes.keep(contest.seeded(turn), outcome)
                board.add(turn, outcome)
                left.discard(turn)
        rows = tell()
    if left:
        return None
    return rows, [point for turn in contest.turns for point in curves.get(turn, ())]


def _outcomes(
    contest: Contest, performed: Sequence[Performance], curves: Mapping[Turn, Sequence[ComparedPoint]]
) -> dict[Turn, Outcome]:
    """What is left of trainings that were made together; what the members do is measured in the first training alone."""
    relied = reliances(contest, performed) if performed[0].number == 0 else {}
    return {
        turn: Outcome(
            Told(
                points=tuple(curves.get(turn, ())),
                seconds=each.trained.seconds / len(performed),
                best_epoch=each.trained.best_epoch,
                note=" ".join(each.trained.notes),
                reliance=relied.get(each.name, ()),
            ),
            each.predictions,
        )
        for each in performed
        for turn in [(each.name, each.number)]
    }
