"""The supervisor: `python -m components.engine.supervisor`. Owns workers and jobs, and outlives the web process."""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import shutil
import signal
import threading
import time
from collections.abc import Callable
from multiprocessing import AuthenticationError
from multiprocessing.connection import Connection, Listener
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy.exc import SQLAlchemyError

from components.engine.jobs import Jobs
from components.engine.pool import Pool
from components.engine.protocol import Status, address, engine_folder, key, receive, send, supervisor_lock
from components.engine.surroundings import last_change
from components.store import Store, home_folder, open_store
from components.store.lock import FileLock

EXPORT_SECONDS = 24 * 3600
"""How long an exported model is kept; it is made again when it is asked for later."""

TICK_SECONDS = 0.25
IDLE_SECONDS = 30 * 60
"""Without a question and without a run for so long, the supervisor ends; the next question starts another."""

CALM_SECONDS = 5
"""So long after the last question a supervisor of an older program makes way for one of the new."""

WORKER_MEMORY, JOB_MEMORY = 0.4, 0.8
"""Shares of the machine's memory that one request worker, and one job, may use."""

MEMORY_FOR_SECOND_WORKER = 6 << 30

_log = logging.getLogger(__name__)


class Supervisor:
    """Answers questions on the local socket, each connection in a thread of its own."""

    def __init__(self, store: Store, lock: FileLock, idle_seconds: float, modules: list[str]) -> None:
        self._store, self._lock, self._idle_seconds = store, lock, idle_seconds
        memory, cores = psutil.virtual_memory().total, os.cpu_count() or 1
        self._pool = Pool(store.home, 2 if memory >= MEMORY_FOR_SECOND_WORKER else 1, int(memory * WORKER_MEMORY), modules)
        self._jobs = Jobs(store, max(1, cores - 1), int(memory * JOB_MEMORY))
        self._stopping, self._wake = threading.Event(), threading.Event()
        self._last_question = time.monotonic()
        self._conversations = 0
        self._store_away = False
        # One that was given requests of its own stays: another would not know them.
        self._program = None if modules else last_change()
        self._answers: dict[str, Callable[[dict[str, Any], Connection], dict[str, Any]]] = {
            "request": self._request,
            "status": self._status,
            "wake": self._wake_up,
            "stop": self._stop,
        }

    def serve(self) -> None:
        """Works until it is stopped, has been idle for long, or its home folder was removed."""
        sweep(self._store.home)
        where = address(self._store.home)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(where)
        with Listener(where, backlog=64, authkey=key(self._store.home)) as listener:
            threading.Thread(target=self._accept, args=(listener,), daemon=True).start()
            while not self._stopping.is_set() and not self._idle() and not self._outdated() and self._lock.held:
                self._tick()
                self._wake.wait(TICK_SECONDS)
                self._wake.clear()
            self._stopping.set()
        self._jobs.close()
        self._pool.close()

    def stop(self) -> None:
        """Lets `serve` come to its end."""
        self._stopping.set()
        self._wake.set()

    def _tick(self) -> None:
        try:
            self._jobs.tick()
            self._store_away = False
        except SQLAlchemyError:
            # A full disk or a database that is away for a while; runs go on meanwhile.
            if not self._store_away:
                _log.exception("The store could not be reached")
            self._store_away = True

    def _idle(self) -> bool:
        if self._jobs.running:
            self._last_question = time.monotonic()
        return time.monotonic() - self._last_question > self._idle_seconds

    def _outdated(self) -> bool:
        """Whether the program was updated since this process began, and nobody would notice that another takes its place."""
        at_work = self._jobs.running or self._conversations or time.monotonic() - self._last_question < CALM_SECONDS
        return self._program is not None and not at_work and last_change() != self._program

    def _accept(self, listener: Listener) -> None:
        while True:
            try:
                connection = listener.accept()
            except (AuthenticationError, EOFError, OSError):
                if self._stopping.wait(0.02):
                    return
                continue
            threading.Thread(target=self._converse, args=(connection,), daemon=True).start()

    def _converse(self, connection: Connection) -> None:
        with connection, contextlib.suppress(EOFError, OSError):
            question = receive(connection)
            self._last_question = time.monotonic()
            self._conversations += 1
            try:
                answer = self._answers[question["do"]](question, connection)
            except Exception as error:
                _log.exception("A question could not be answered")
                answer = {
                    "refusal": "The app's own processes ran into an error. Try again.",
                    "detail": f"{type(error).__name__}: {error}",
                }
            finally:
                self._conversations -= 1
            self._last_question = time.monotonic()
            send(connection, answer)

    def _request(self, question: dict[str, Any], connection: Connection) -> dict[str, Any]:
        # Whoever asks sends one question alone: what can be read after it is the end of the connection.
        asked = (question["name"], question["parameters"], question["seconds"], question["writes"])
        return self._pool.ask(*asked, given_up=connection.poll)

    def _status(self, question: dict[str, Any], connection: Connection) -> dict[str, Any]:
        return Status(
            ready=bool(self._pool.ready),
            warming=self._pool.warming,
            workers=len(self._pool.ready),
            waiting=self._pool.waiting,
            running=self._jobs.running,
            queued=self._queued(),
            cores=os.cpu_count() or 1,
            sandbox=self._pool.sandbox,
            trusted=self._pool.trusted,
        ).model_dump(mode="json")

    def _queued(self) -> int:
        with contextlib.suppress(SQLAlchemyError):
            return len(self._store.queue())
        return 0

    def _wake_up(self, question: dict[str, Any], connection: Connection) -> dict[str, Any]:
        self._wake.set()
        return {}

    def _stop(self, question: dict[str, Any], connection: Connection) -> dict[str, Any]:
        self.stop()
        return {"pid": os.getpid()}


def sweep(home: Path) -> None:
    """Removes what was left: scratch folders of an earlier supervisor's jobs, exports and parts of uploads older than a day."""
    for folder in engine_folder(home).glob("job-*"):
        shutil.rmtree(folder, ignore_errors=True)
    for file in (*(home / "exports").glob("*.keras"), *(home / "blobs").glob("incoming-*")):
        if time.time() - file.stat().st_mtime > EXPORT_SECONDS:
            file.unlink(missing_ok=True)


def main() -> None:
    """Serves, unless another supervisor does so already for this home folder."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--idle-seconds", type=float, default=IDLE_SECONDS)
    parser.add_argument("--requests", nargs="*", default=[], help="modules with further requests")
    arguments = parser.parse_args()
    lock = supervisor_lock(home_folder())
    if not lock.acquire():
        return
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s")
    supervisor = Supervisor(open_store(), lock, arguments.idle_seconds, arguments.requests)
    signal.signal(signal.SIGTERM, lambda number, frame: supervisor.stop())
    try:
        supervisor.serve()
    finally:
        with contextlib.suppress(OSError):
            Path(address(home_folder())).unlink()
        lock.release()


if __name__ == "__main__":
    main()
