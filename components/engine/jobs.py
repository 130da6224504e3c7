"""Training jobs: one process each, a queue beyond the machine's cores, and a store that always tells how each ended."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import threading
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy.exc import OperationalError

from components.engine.child import Child, Ended, OutOfMemory
from components.engine.protocol import engine_folder
from components.engine.sentences import exit_status, run_ended, too_much_memory
from components.recipe import Refusal
from components.store import Run, Store
from components.store.values import AT_WORK, STOPPING, State, Stop
from components.training.comparison.report import ComparedPoint, ComparisonReport
from components.training.environment import Environment
from components.training.events import Point, Result, Score

ASK_SECONDS, TERMINATE_SECONDS = 1.5, 2.0
"""After a request to pause or to cancel: until SIGTERM, and until SIGKILL."""

AGAIN_SECONDS = 1.0
"""Until the store is tried again that could not be reached when a run had ended."""

CUT_OFF = "This run was cut off when the app's processes ended. What it had reached is kept; resume it."
STOPPED = "Paused together with the app's processes. Nothing is lost; resume it."

_ENDS: dict[State, tuple[State, str]] = {
    "pausing": ("paused", "Paused. Nothing is lost; resume it at any time."),
    "cancelling": ("cancelled", "Cancelled. The points until then are kept."),
}
"""What becomes of a run that was asked to stop, and a sentence for a person."""

_HOW: dict[State, Stop] = {state: how for how, state in STOPPING.items()}

_log = logging.getLogger(__name__)

_COMPARED = TypeAdapter(tuple[ComparedPoint, ...])
_POINTS, _SCORES = TypeAdapter(tuple[Point, ...]), TypeAdapter(tuple[Score, ...])


class Job(threading.Thread):
    """Watches over one run's process, from its start to the last word in the store.

    The process is started by this thread, since on Linux it ends with the thread that started it.
    """

    def __init__(self, store: Store, run: Run, module: str, most_memory: int) -> None:
        super().__init__(name=f"job {run.id}", daemon=True)
        self._store, self._run, self._module, self._most_memory = store, run, module, most_memory
        self._asked: State | None = None
        self._asked_at = 0.0
        self._why = ""
        self._waiting: deque[Callable[[], object]] = deque()
        self._writers: dict[str, Callable[[Any], object]] = {
            "environment": lambda value: store.keep_environment(run.id, Environment.model_validate(value)),
            "running": lambda value: store.change_state(run.id, "running"),
            "baselines": lambda value: store.keep_baselines(run.id, _SCORES.validate_python(value)),
            "taken_up": lambda value: store.drop_curves(run.id),
            "points": lambda value: store.append_points(run.id, _POINTS.validate_python(value)),
            "progress": lambda value: store.report(run.id, **value),
            "compared": lambda value: store.append_compared(run.id, _COMPARED.validate_python(value)),
            "report": lambda value: store.keep_comparison_report(run.id, ComparisonReport.model_validate(value)),
        }
        self._result: Result | None = None
        self._refusal: tuple[str, str] | None = None

    def stop(self, state: State, sentence: str = "") -> None:
        """Asks the run to stop as a state says: pausing, finishing or cancelling. `sentence` tells a person why, if not so.

        What is to pause or to be cancelled and does not stop in time is ended; what is to finish gets the time it needs.
        """
        if state != self._asked:
            self._asked, self._asked_at, self._why = state, time.monotonic(), sentence

    def run(self) -> None:
        """Runs the process to its end and writes how it ended."""
        try:
            self._watch()
        except Exception as error:
            self._store.change_state(self._run.id, "failed", run_ended(1), f"{type(error).__name__}: {error}")

    def _watch(self) -> None:
        folder = self._store.run_folder(self._run.id)
        scratch = engine_folder(self._store.home) / f"job-{self._run.id}"
        scratch.mkdir(mode=0o700, exist_ok=True)
        job = Child(
            self._module,
            [self._run.id],
            scratch=scratch,
            log=folder / "log.txt",
            most_memory=self._most_memory,
            environment={"TF_NUM_INTRAOP_THREADS": str(max(1, (os.cpu_count() or 1) - 1))},
        )
        sentence = detail = ""
        try:
            job.send(self._assignment(folder))
            self._listen(job)
        except Ended as ended:
            if ended.code:
                sentence, detail = run_ended(ended.code), f"{exit_status(ended.code)}\n{job.last_words()}"
        except Refusal as no:
            self._refusal = (no.sentence, no.detail)
        except OutOfMemory:
            sentence, detail = too_much_memory(self._most_memory), job.last_words()
        except (ValidationError, TypeError) as error:
            sentence, detail = run_ended(1), str(error)
        finally:
            job.end()
            shutil.rmtree(scratch, ignore_errors=True)
        self._conclude(sentence, detail)

    def _assignment(self, folder: Path) -> dict[str, Any]:
        """All that the process is told; it knows nothing of the database."""
        recipe, comparison = self._run.recipe, self._store.comparison(self._run.id)
        return {
            "recipe": recipe.model_dump(mode="json"),
            "facts": {member.name: self._store.member(member.sha256).model_dump(mode="json") for member in recipe.members},
            "home": str(self._store.home),
            "folder": str(folder),
            "comparison": None if comparison is None else comparison.model_dump(mode="json"),
        }

    def _listen(self, job: Child) -> None:
        """Takes messages until the process ends, and carries requests to stop to it."""
        told: State | None = None
        terminated = False
        while True:
            message = job.receive(0.1)
            if message is not None:
                self._take(message, job.memory)
            self._write()
            asked = self._asked
            if asked is None:
                continue
            if asked != told:
                told = asked
                with contextlib.suppress(Ended):
                    job.send({"stop": _HOW[asked]})
            waited = time.monotonic() - self._asked_at if asked in _ENDS else 0.0
            if waited > TERMINATE_SECONDS:
                job.end()
            elif waited > ASK_SECONDS and not terminated:
                job.terminate()
                terminated = True

    def _take(self, message: dict[str, Any], memory: int | None) -> None:
        """One message of the process: it began, it has points, it is so far, it is done, or it refuses."""
        if "result" in message:
            self._result = Result.model_validate(message["result"])
        if "refusal" in message:
            self._refusal = (str(message["refusal"]), str(message.get("detail", "")))
        if "progress" in message:
            message["progress"]["memory"] = memory
        self._waiting += [partial(self._writers[name], value) for name, value in message.items() if name in self._writers]

    def _write(self) -> bool:
        """Writes what waits for the store, in its order; False where the disk is full or the database away for now."""
        while self._waiting:
            try:
                self._waiting[0]()
            except OperationalError:
                _log.exception("The store could not be reached")
                return False
            self._waiting.popleft()
        return True

    def _conclude(self, sentence: str, detail: str) -> None:
        """Writes the last state. A run that was done before a request to stop reached it is done."""
        ends = partial(self._store.change_state, self._run.id)
        if self._result is not None:
            self._waiting.append(partial(ends, "done", result=self._result))
        elif self._asked in _ENDS:
            state, said = _ENDS[self._asked]
            self._waiting.append(partial(ends, state, self._why or said))
        else:
            self._waiting.append(partial(ends, "failed", *(self._refusal or (sentence or run_ended(0), detail))))
        while not self._write():
            time.sleep(AGAIN_SECONDS)


class Jobs:
    """Starts waiting runs, at most `at_once` together, and stops those that are marked. `most_memory`: bytes for each."""

    def __init__(self, store: Store, at_once: int, most_memory: int, module: str = "components.engine.job") -> None:
        self._store, self._at_once, self._most_memory, self._module = store, at_once, most_memory, module
        self._jobs: dict[str, Job] = {}

    @property
    def running(self) -> int:
        """How many processes are at work."""
        return sum(job.is_alive() for job in self._jobs.values())

    def tick(self) -> None:
        """Brings processes and store together; called several times a second.

        A run that the store takes for alive and that has no process was left by a supervisor before this one, and is ended.
        """
        self._jobs = {id: job for id, job in self._jobs.items() if job.is_alive()}
        for run in self._store.runs_here(*AT_WORK):
            if run.id not in self._jobs:
                self._store.change_state(run.id, *_ENDS.get(run.state, ("failed", CUT_OFF)))
            elif run.state in _HOW:
                self._jobs[run.id].stop(run.state)
        for id in self._store.queue()[: self._at_once - len(self._jobs)]:
            if self._store.change_state(id, "starting"):
                self._jobs[id] = Job(self._store, self._store.run(id), self._module, self._most_memory)
                self._jobs[id].start()

    def close(self) -> None:
        """Pauses what runs and waits until it has ended."""
        for job in self._jobs.values():
            job.stop("pausing", STOPPED)
        for job in self._jobs.values():
            job.join(timeout=5)
