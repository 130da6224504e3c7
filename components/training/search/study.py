"""The study that remembers a search: Optuna's, in a database of its own beside the results."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.importance import FanovaImportanceEvaluator, get_param_importances
from optuna.pruners import BasePruner, NopPruner, SuccessiveHalvingPruner
from optuna.trial import FrozenTrial, TrialState

from components.recipe.search import Over, Search
from components.training.events import Metric, Point
from components.training.search.space import combinations, is_whole
from components.training.search.trials import State, Trial, Trials

NAME = "search"
REDUCTION = 3
"""Of trials that reach an epoch of 1, 3, 9, …, one in three goes on (successive halving; Jamieson and Talwalkar, 2016)."""

FEWEST = 4
"""Trials from which on importances say something."""

_STATES: dict[TrialState, State] = {
    TrialState.RUNNING: "running",
    TrialState.COMPLETE: "done",
    TrialState.PRUNED: "given up",
    TrialState.FAIL: "failed",
}
_NOTE = "note"


class Study:
    """A search's trials. What an earlier process left in `storage` is found again; a trial that it did not end counts as none.

    The combination of a trial follows from the search, its seed and the number of trials before it, so that a search that was
    stopped tries what it would have tried.

    Args:
        search: What is tried.
        seed: Of what is drawn.
        storage: The URL of a database, as SQLAlchemy has it.
        metric: What is told beside the loss.
    """

    def __init__(self, search: Search, seed: int, storage: str, metric: Metric) -> None:
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self._search, self._seed, self._metric = search, seed, metric
        self._known: tuple[int, dict[str, float]] = (0, {})
        self._study = optuna.create_study(storage=storage, study_name=NAME, load_if_exists=True, pruner=_pruner(search))
        for left in self._study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
            self._study.tell(left.number, state=TrialState.FAIL)

    @property
    def ended(self) -> int:
        """How many trials have come to an end."""
        return sum(trial.state != TrialState.RUNNING for trial in self._counted())

    def next(self) -> OpenTrial:
        """Begins the next trial."""
        if self._search.method == "grid":
            self._study.enqueue_trial(combinations(self._search)[self.ended])
        self._study.sampler = optuna.samplers.RandomSampler(seed=self._seed * 1_000_003 + self.ended)
        return OpenTrial(
            self._study, self._study.ask({over.name: _distribution(over, self._search) for over in self._search.over})
        )

    def trials(self) -> Trials:
        """All trials so far, in their order, and how much each setting mattered."""
        trials = tuple(_told(number, trial) for number, trial in enumerate(self._counted(), start=1))
        return Trials(search=self._search, metric=self._metric, trials=trials, importances=self._importances())

    def _counted(self) -> Sequence[FrozenTrial]:
        """All trials but those that were cut off, which have failed without a word."""
        trials = self._study.get_trials(deepcopy=False)
        return [trial for trial in trials if trial.state != TrialState.FAIL or _NOTE in trial.user_attrs]

    def _importances(self) -> dict[str, float]:
        done = [trial for trial in self._counted() if trial.state == TrialState.COMPLETE]
        # Where one setting alone is searched, all that differs is due to it.
        if len(self._search.over) < 2 or len(done) < FEWEST or len({trial.value for trial in done}) < 2:
            return {}
        if self._known[0] != len(done):
            found = get_param_importances(self._study, evaluator=FanovaImportanceEvaluator(seed=0))
            self._known = len(done), {name: float(value) for name, value in found.items()}
        return self._known[1]


class OpenTrial:
    """One trial while it runs."""

    def __init__(self, study: optuna.Study, trial: optuna.Trial) -> None:
        self._study, self._trial = study, trial
        self._begun, self._best = time.monotonic(), Point(step=0, epoch=0, split="validation", loss=float("inf"), metric=0)
        self.values: dict[str, Any] = dict(trial.params)
        self.given_up = False

    def report(self, point: Point) -> None:
        """Takes a point of the validation split; `given_up` then says whether the trial has fallen behind."""
        if point.loss < self._best.loss:
            self._best = point
        if point.epoch >= 1:
            self._trial.report(point.loss, round(point.epoch))
            self._trial.set_user_attr("epochs", round(point.epoch))
            self.given_up = self.given_up or self._trial.should_prune()

    def end(self, note: str = "") -> Point | None:
        """Ends the trial, with its best point where it has one."""
        self._trial.set_user_attr("seconds", time.monotonic() - self._begun)
        self._trial.set_user_attr(_NOTE, note)
        if self._best.loss == float("inf"):
            self._study.tell(self._trial, state=TrialState.FAIL)
            return None
        self._trial.set_user_attr("loss", self._best.loss)
        self._trial.set_user_attr("metric", self._best.metric)
        if self.given_up:
            self._study.tell(self._trial, state=TrialState.PRUNED)
        else:
            self._study.tell(self._trial, self._best.loss)
        return self._best

    def cut_off(self) -> None:
        """Ends a trial that was stopped: it is as if it had not begun."""
        self._study.tell(self._trial, state=TrialState.FAIL)


def _pruner(search: Search) -> BasePruner:
    if search.method != "halving":
        return NopPruner()
    return SuccessiveHalvingPruner(min_resource=1, reduction_factor=REDUCTION)


def _distribution(over: Over, search: Search) -> BaseDistribution:
    if over.values:
        return CategoricalDistribution(over.values)
    if search.method == "grid":
        return CategoricalDistribution(tuple(dict.fromkeys(each[over.name] for each in combinations(search))))
    low, high = over.low or 1, over.high or 1
    return IntDistribution(round(low), round(high), log=True) if is_whole(over.name) else FloatDistribution(low, high, log=True)


def _told(number: int, trial: FrozenTrial) -> Trial:
    known = {
        name: trial.user_attrs[name] for name in ("loss", "metric", "epochs", "seconds", _NOTE) if name in trial.user_attrs
    }
    return Trial(number=number, values=trial.params, state=_STATES.get(trial.state, "running"), **known)
