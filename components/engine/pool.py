"""Warm request workers: each loads TensorFlow once, and is replaced when it hangs, crashes or grows too large."""

from __future__ import annotations

import contextlib
import os
import queue
import shutil
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from components.engine.child import Child, Ended, OutOfMemory
from components.engine.protocol import engine_folder
from components.engine.sentences import exit_status, request_ended, too_much_memory, took_too_long

START_SECONDS = 180
"""How long a worker may take to load TensorFlow."""

LOOK_SECONDS = 0.5
"""How often it is looked whether somebody still waits for an answer."""

PAUSE_SECONDS = 2
"""Before another attempt, where a worker does not start."""

NOT_STARTED = "The process that opens files does not start on this computer; the technical detail says why."
STOPPED = "The app's processes were stopped while this was at work. Try again."
_GIVEN_UP = {"refusal": "Nobody waits for this any more.", "detail": ""}


@dataclass
class _Call:
    name: str
    parameters: dict[str, Any]
    seconds: float
    writes: Mapping[str, str]
    given_up: Callable[[], bool]
    answer: Future[dict[str, Any]] = field(default_factory=Future)


class Pool:
    """Hands requests to whichever worker is free. `most_memory` is in bytes for each."""

    def __init__(self, home: Path, workers: int, most_memory: int, modules: Sequence[str] = ()) -> None:
        self._home, self._most_memory, self._modules = home, most_memory, modules
        self._calls: queue.SimpleQueue[_Call | None] = queue.SimpleQueue()
        self._since = time.monotonic()
        self._first_ready = threading.Event()
        self._closing = False
        self.sandbox: tuple[str, ...] = ()
        self.trusted: tuple[str, ...] = ()
        self.ready: set[int] = set()
        self._workers: dict[int, Child] = {}
        self._threads = [threading.Thread(target=self._serve, args=(number,), daemon=True) for number in range(workers)]
        for thread in self._threads:
            thread.start()

    @property
    def warming(self) -> float | None:
        """Seconds since the pool began to warm; None while a worker is ready."""
        return None if self.ready else time.monotonic() - self._since

    @property
    def waiting(self) -> int:
        """How many requests wait for a worker."""
        return self._calls.qsize()

    def ask(
        self,
        name: str,
        parameters: dict[str, Any],
        seconds: float,
        writes: Mapping[str, str],
        given_up: Callable[[], bool] = lambda: False,
    ) -> dict[str, Any]:
        """Waits for a worker and for its answer: `{"answer": …}`, or `{"refusal": sentence, "detail": …}`.

        `seconds` limits the work, not the wait. `writes` maps a parameter to the file it is to make: the worker writes in
        its scratch folder, and the file moves to its place once the worker has answered. `given_up` is asked a few times a
        second whether anybody still waits; if nobody does, the worker is replaced.
        """
        call = _Call(name, parameters, seconds, writes, given_up)
        self._calls.put(call)
        return call.answer.result()

    def close(self) -> None:
        """Ends the workers; whoever still waits reads a sentence."""
        self._closing = True
        self._first_ready.set()
        for _ in self._threads:
            self._calls.put(None)
        for worker in list(self._workers.values()):
            worker.terminate()
        for thread in self._threads:
            thread.join(timeout=10)
        self._refuse_waiting(STOPPED, "")

    def _serve(self, number: int) -> None:
        """One worker's life after another. The thread lives as long as the pool, since a worker ends with its thread."""
        if number:
            # The first worker is ready sooner when it loads TensorFlow alone.
            self._first_ready.wait()
        while not self._closing:
            try:
                self._live(number)
            except OSError as error:
                self._not_started(str(error))

    def _live(self, number: int) -> None:
        """One worker, from its start to its end."""
        scratch = engine_folder(self._home) / f"worker-{number}"
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(mode=0o700)
        worker = self._start(number, scratch)
        if worker is None:
            return
        try:
            while (call := self._calls.get()) is not None:
                if worker.gone:
                    self._calls.put(call)
                    return
                if call.given_up():
                    call.answer.set_result(_GIVEN_UP)
                elif not self._answer(worker, call, scratch):
                    return
        finally:
            self.ready.discard(number)
            worker.end()
            shutil.rmtree(scratch, ignore_errors=True)

    def _start(self, number: int, scratch: Path) -> Child | None:
        """A worker that is ready, or None; then those who wait are told."""
        worker = Child(
            "components.engine.worker",
            ["--home", str(self._home), "--memory", str(self._most_memory), "--requests", *self._modules],
            scratch=scratch,
            log=engine_folder(self._home) / f"worker-{number}.log",
            most_memory=self._most_memory,
            environment={"CUDA_VISIBLE_DEVICES": "-1"},
        )
        self._workers[number] = worker
        why = ""
        until = time.monotonic() + START_SECONDS
        try:
            while not self._closing and time.monotonic() < until:
                if (message := worker.receive(1)) is not None:
                    self.sandbox = tuple(message.get("sandbox", ()))
                    self.trusted = tuple(message.get("trusted", ()))
                    self.ready.add(number)
                    self._first_ready.set()
                    return worker
        except Ended as ended:
            why = exit_status(ended.code)
        except OutOfMemory:
            why = too_much_memory(self._most_memory)
        worker.end()
        self._not_started(f"{why}\n{worker.last_words()}")
        return None

    def _not_started(self, detail: str) -> None:
        """Tells those who wait, unless another worker serves them, and makes a pause before another attempt."""
        if self._closing:
            return
        if not self.ready:
            self._refuse_waiting(NOT_STARTED, detail)
        time.sleep(PAUSE_SECONDS)

    def _refuse_waiting(self, sentence: str, detail: str) -> None:
        with contextlib.suppress(queue.Empty):
            while True:
                call = self._calls.get_nowait()
                if call is not None:
                    call.answer.set_result({"refusal": sentence, "detail": detail})

    def _answer(self, worker: Child, call: _Call, scratch: Path) -> bool:
        """Answers one call; False when the worker is spent."""
        made = {
            name: scratch / f"made-{index}{Path(target).suffix}" for index, (name, target) in enumerate(call.writes.items())
        }
        sentence, detail = "", ""
        try:
            worker.send(
                {"name": call.name, "parameters": {**call.parameters, **{name: str(path) for name, path in made.items()}}}
            )
            message = _wait(worker, call)
            if message is not None:
                call.answer.set_result(_collected(message, made, call.writes))
                _empty(scratch)
                return True
            if call.given_up():
                call.answer.set_result(_GIVEN_UP)
                return False
            sentence = took_too_long(call.seconds)
        except Ended as ended:
            sentence, detail = request_ended(ended.code), f"{exit_status(ended.code)}\n{worker.last_words()}"
        except OutOfMemory:
            sentence = too_much_memory(self._most_memory)
        call.answer.set_result({"refusal": STOPPED if self._closing else sentence, "detail": detail})
        return False


def _wait(worker: Child, call: _Call) -> dict[str, Any] | None:
    """What the worker answers; None when its time is over, or nobody waits any more."""
    until = time.monotonic() + call.seconds
    while (left := until - time.monotonic()) > 0 and not call.given_up():
        if (message := worker.receive(min(LOOK_SECONDS, left))) is not None:
            return message
    return None


def _collected(message: dict[str, Any], made: Mapping[str, Path], writes: Mapping[str, str]) -> dict[str, Any]:
    """A worker's message as it goes on, with the files that it made in their places; a worker is not trusted."""
    if "answer" not in message:
        return {"refusal": str(message.get("refusal", request_ended(0))), "detail": str(message.get("detail", ""))}
    try:
        for name, path in made.items():
            if path.is_symlink() or not path.is_file():
                return {"refusal": "This was said to be done, but left no file. Try again.", "detail": name}
            Path(writes[name]).parent.mkdir(parents=True, exist_ok=True)
            os.replace(path, writes[name])
    except OSError as error:
        sentence = "The result could not be kept: the disk refused to take it. Make room and try again."
        return {"refusal": sentence, "detail": str(error)}
    return {"answer": message["answer"]}


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
