"""One training run: `python -m components.engine.job RUN_ID`, started by the supervisor.

Reads its assignment from the first line of standard input, and how to stop from a later one. Tells what happens in lines of
JSON on standard output. It may read uploaded files and members, and write the run's own folder.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from pydantic_core import to_jsonable_python

from components.engine.comparing import ComparisonReporter
from components.engine.configuration import configuration
from components.engine.own_modules import modules_folder
from components.engine.progress import Progress
from components.engine.sandbox import follow_parent, lock_down
from components.engine.worker import claim_output, refusal, where, write
from components.models.facts import MemberFacts
from components.models.trusted import trust
from components.recipe import Recipe, Refusal
from components.store.files import Files
from components.training.comparison.report import Comparison
from components.training.events import Point, Score

FLUSH_SECONDS = 0.2
"""How often points are sent on; between, they are gathered."""

SILENT_SECONDS = 0.5
"""How often a run says how far it is where there are no points to send."""

POINTS_AT_ONCE = 1000
"""Points of one message where there are many."""


class Stop:
    """How a run is to stop, as the supervisor has asked: "pause", "cancel" or "finish"; nothing while it is to go on."""

    def __init__(self) -> None:
        self.how: str | None = None


class Reporter:
    """Tells the supervisor how a run goes, a few times a second, and hears whether it is to stop."""

    def __init__(self, epochs: int, send: Callable[[dict[str, Any]], None], stop: Stop) -> None:
        self._send, self._stop = send, stop
        self._progress = Progress(epochs)
        self._waiting: list[Point] = []
        self._trouble = ""
        self._flushed = time.monotonic()

    def started(self) -> None:
        """Members and data are loaded."""
        self._send({"running": True})

    def baselines(self, scores: tuple[Score, ...]) -> None:
        """What the members and their average reach without training."""
        self._send({"baselines": scores})

    def taken_up(self, points: Sequence[Point]) -> None:
        """The run goes on after these points, and nothing else was told."""
        self._send({"taken_up": True})
        for first in range(0, len(points), POINTS_AT_ONCE):
            self._send({"points": points[first : first + POINTS_AT_ONCE]})
        if points:
            self._progress.take_up(points[-1])

    def point(self, point: Point) -> None:
        """The next point of the curves."""
        self._waiting.append(point)
        self._progress.add(point)
        self._flush_in_time()

    def trouble(self, sentence: str) -> None:
        """What goes wrong while the run goes on."""
        self._trouble = sentence

    def stop(self) -> bool:
        """Whether the run is to stop."""
        self._flush_in_time()
        return self._stop.how is not None

    def finish(self) -> bool:
        """Whether it is to end with its best weights."""
        return self._stop.how == "finish"

    def flush(self) -> None:
        """Sends what waits, and how far the run is."""
        points = {"points": self._waiting} if self._waiting else {}
        self._send({**points, "progress": {**self._progress.report(), "message": self._trouble}})
        self._waiting, self._flushed = [], time.monotonic()

    def _flush_in_time(self) -> None:
        """Figures move while a validation lasts, too, in which there are no points."""
        if time.monotonic() - self._flushed >= (FLUSH_SECONDS if self._waiting else SILENT_SECONDS):
            self.flush()


def main() -> None:
    """Trains one run, and says in one sentence why it could not."""
    follow_parent()
    answers = claim_output()
    assignment = json.loads(sys.stdin.readline())
    files, folder = Files(Path(assignment["home"])), Path(assignment["folder"])
    allowed, modules_at = configuration(files.home), modules_folder(files.home)
    readable = [files.blobs, files.members_folder, modules_at, *filter(None, [allowed.data_folder])]
    lock_down(read=readable, write=[Path.cwd(), folder])
    stop = Stop()
    threading.Thread(target=_listen, args=(stop,), daemon=True).start()

    def send(message: dict[str, Any]) -> None:
        write(answers, to_jsonable_python(message))

    try:
        recipe = Recipe.model_validate(assignment["recipe"])
        facts = {name: MemberFacts.model_validate(card) for name, card in assignment["facts"].items()}
        from components.engine.compare import run_comparison
        from components.engine.environment import environment
        from components.engine.run import run_recipe
        from components.engine.search import run_search

        trust(allowed.trusted_modules, modules_at)
        send({"environment": environment()})
        reporter: Any
        work: Any
        if assignment["comparison"] is not None:
            work = partial(run_comparison, Comparison.model_validate(assignment["comparison"]))
            reporter = ComparisonReporter(recipe.training.epochs, send, lambda: stop.how is not None)
        else:
            epochs, work = (recipe.search.count, run_search) if recipe.search else (recipe.training.epochs, run_recipe)
            reporter = Reporter(epochs, send, stop)
        result = work(recipe, facts, files, folder, reporter, allowed.most_in_memory << 20)
        reporter.flush()
        if result is not None:
            send({"result": result})
    except Refusal as no:
        send(refusal(no.sentence, no.detail))
    except MemoryError as error:
        send(refusal("This run needs more memory than there is. Try a smaller batch, or freeze more layers.", str(error)))
    except Exception as error:
        send(refusal("This run did not work; the technical detail says where it stopped.", where(error)))


def _listen(stop: Stop) -> None:
    """Waits to hear how the run is to stop; without a supervisor nobody would know how it ends, so it ends at once."""
    for line in sys.stdin:
        stop.how = json.loads(line)["stop"]
    os._exit(1)


if __name__ == "__main__":
    main()
