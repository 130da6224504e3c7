"""What the store hands out: plain values."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from components.recipe import Document, Recipe
from components.training.environment import Environment
from components.training.events import Result, Score

State = Literal["queued", "starting", "running", "cancelling", "cancelled", "failed", "done"]

ENDED: frozenset[State] = frozenset({"cancelled", "failed", "done"})
"""The states that a run never leaves."""

BEFORE: dict[State, tuple[State, ...]] = {
    "starting": ("queued",),
    "running": ("starting",),
    "cancelling": ("starting", "running"),
    "cancelled": ("queued", "starting", "running", "cancelling"),
    "failed": ("queued", "starting", "running", "cancelling"),
    "done": ("running", "cancelling"),
}
"""For each state, those from which a run may enter it."""


class Upload(Document):
    """A file as it was kept: `size` in bytes, `path` by content, `file_name` as it may be shown."""

    sha256: str
    size: int
    path: Path
    file_name: str


class Run(Document):
    """One training run. Times are in UTC; `epoch` counts epochs done, as a fraction; `time_left` is in seconds.

    `message` is a sentence for a person, `detail` what stands one click behind it. `baselines` are what the members and their
    plain average reach on the validation split before training, known once the run has started. `note` is a person's own text.
    `environment` is known once the run's process has started.
    """

    id: str
    name: str
    recipe: Recipe
    state: State
    created: datetime
    started: datetime | None = None
    ended: datetime | None = None
    epoch: float = 0.0
    steps: int = 0
    steps_per_second: float | None = None
    time_left: float | None = None
    message: str = ""
    detail: str = ""
    baselines: tuple[Score, ...] = ()
    result: Result | None = None
    note: str = ""
    environment: Environment | None = None

    @property
    def seconds(self) -> float | None:
        """From its start to its end, or until now; None when it never started."""
        return None if self.started is None else ((self.ended or datetime.now(UTC)) - self.started).total_seconds()
