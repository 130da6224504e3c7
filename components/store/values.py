"""What the store hands out: plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Generic, Literal, TypeVar

from components.recipe import Document, Recipe
from components.training.comparison.report import ComparedPoint
from components.training.environment import Environment
from components.training.events import Point, Result, Score

AnyPoint = TypeVar("AnyPoint", bound=Point | ComparedPoint)

State = Literal["queued", "starting", "running", "pausing", "finishing", "cancelling", "paused", "cancelled", "failed", "done"]

ENDED: frozenset[State] = frozenset({"paused", "cancelled", "failed", "done"})
"""The states in which nothing works on a run, and nothing will until a person asks for it."""

AT_WORK: tuple[State, ...] = ("starting", "running", "pausing", "finishing", "cancelling")
"""The states in which a run has a process."""

BEFORE: dict[State, tuple[State, ...]] = {
    "queued": ("paused", "cancelled", "failed"),
    "starting": ("queued",),
    "running": ("starting",),
    "pausing": ("starting", "running"),
    "finishing": ("starting", "running"),
    "cancelling": ("starting", "running", "pausing", "finishing"),
    "paused": ("queued", "starting", "running", "pausing"),
    "cancelled": ("queued", *AT_WORK),
    "failed": ("queued", *AT_WORK),
    "done": ("running", "pausing", "finishing", "cancelling"),
}
"""For each state, those from which a run may enter it. A run that ended may be queued again, but for one that is done."""

Stop = Literal["pause", "finish", "cancel"]
"""How a person may stop a run: to go on later, to keep its best weights as its result, or for good."""

STOPPING: dict[Stop, State] = {"pause": "pausing", "finish": "finishing", "cancel": "cancelling"}
"""The state of a run that was asked to stop and has not yet."""


class Upload(Document):
    """A file as it was kept: `size` in bytes, `path` by content, `file_name` as it may be shown."""

    sha256: str
    size: int
    path: Path
    file_name: str


class Run(Document):
    """One training run. Times are in UTC; `epoch` counts epochs done, as a fraction; `time_left` is in seconds,
    `memory` what its process uses, in bytes.

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
    memory: int | None = None
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


@dataclass(frozen=True)
class Curve(Generic[AnyPoint]):
    """The points of a run or a comparison at one moment, in their order. Given back to the store, it is read on from there.

    `revision` counts how often the run has told its points anew, since it was taken up again; what was told before is gone.
    `row` is that of the last point in the database.
    """

    run: str
    points: tuple[AnyPoint, ...] = ()
    revision: int = 0
    row: int = 0
