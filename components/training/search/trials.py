"""What a search tells of its trials: plain values, no Optuna."""

from __future__ import annotations

from typing import Literal

from components.recipe import Document
from components.recipe.search import Search, Setting
from components.training.csv_text import csv_text
from components.training.events import Metric

TRIALS = "trials.json"
"""The file of all trials in a search's folder."""

State = Literal["running", "done", "given up", "failed"]
"""“Given up” is a trial that fell behind the others; “failed” one whose layout did not fit or whose loss was no number."""


class Trial(Document):
    """One combination of settings. `loss` is the lowest on the validation split, `metric` that of the same epoch."""

    number: int
    values: dict[str, Setting]
    state: State
    loss: float | None = None
    metric: float | None = None
    epochs: int = 0
    seconds: float = 0.0
    note: str = ""


class Trials(Document):
    """A search as far as it is. `importances` say how much each setting mattered for the loss; together they are 1."""

    search: Search
    metric: Metric
    trials: tuple[Trial, ...] = ()
    importances: dict[str, float] = {}

    @property
    def best(self) -> Trial | None:
        """The trial with the lowest loss; the first of several."""
        done = [trial for trial in self.trials if trial.state == "done" and trial.loss is not None]
        return min(done, key=lambda trial: trial.loss or 0.0, default=None)

    def table(self) -> str:
        """All trials as CSV."""
        names = [over.name for over in self.search.over]
        lines = [
            [
                trial.number,
                *(trial.values.get(name, "") for name in names),
                trial.state,
                trial.loss,
                trial.metric,
                trial.epochs,
                round(trial.seconds, 3),
                trial.note,
            ]
            for trial in self.trials
        ]
        return csv_text(["trial", *names, "state", "validation_loss", self.metric, "epochs", "seconds", "note"], lines)

    def importance_table(self) -> str:
        """How much each setting mattered, as CSV."""
        return csv_text(["setting", "importance"], self.importances.items())
