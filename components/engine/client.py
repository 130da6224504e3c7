"""The way from the web process to the engine: light, without TensorFlow, for many threads at once."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client
from pathlib import Path
from typing import Any, Protocol

import psutil

from components.engine.catalogue import CALLS, Call
from components.engine.protocol import Status, address, engine_folder, key, receive, send, supervisor_lock
from components.engine.surroundings import PROJECT
from components.recipe import Refusal
from components.store import Store
from components.store.values import Stop

START_SECONDS = 30
"""How long a supervisor may take until it answers; its workers warm up behind it."""

QUEUE_SECONDS = 600
"""How long a question may wait for a free worker, on top of its own time limit."""

WAITING_SECONDS = 0.3
"""How often whoever waits for an answer may change their mind."""

AGAIN_SECONDS = 3
"""A supervisor is not started twice within this time."""

UNREACHABLE = "The app's processes cannot be reached. Restart the app; what was uploaded and trained is kept."
GONE = "The app's processes were stopped while this was at work. Try again."


class Runner(Protocol):
    """Where runs are trained. The local engine is the one there is; a cluster's could stand behind the same calls."""

    def submit(self, run_id: str) -> None:
        """Lets a run that waits in the store begin when its turn comes."""

    def stop(self, run_id: str, how: Stop) -> bool:
        """Pauses a run, lets it finish with its best weights, or cancels it; False when that comes too late."""

    def resume(self, run_id: str) -> bool:
        """Lets a run that was paused, cancelled or cut off go on; False when there is nothing to go on with."""

    def reconcile(self) -> None:
        """Sees to it that somebody watches over what runs and what waits."""


class Engine:
    """Requests to warm workers, and runs in processes of their own, by way of the supervisor of this home folder.

    A supervisor is started by the first question that finds none, or by `ensure_supervisor`.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._starting = threading.Lock()
        self._started = -AGAIN_SECONDS * 2.0

    def request(
        self, name: str, /, timeout: float | None = None, waiting: Callable[[], object] = lambda: None, **parameters: Any
    ) -> Any:
        """Asks a worker; parameters and answer are plain JSON. A call that only makes a file answers with its path.

        Args:
            name: One of `CALLS`.
            timeout: Seconds for the work itself, by default those of the call; it may wait longer for a free worker.
            waiting: Is called a few times a second until the answer comes; what it raises ends the wait, and the work.
            parameters: What the function of this name in `requests.py` takes.

        Raises:
            Refusal: when the worker refuses, or does not come to an end by itself.
        """
        call = CALLS.get(name, Call())
        writes = {}
        if call.writes:
            writes[call.writes] = parameters.pop(call.writes, None) or self._export_path(name, parameters)
        seconds = timeout or call.seconds
        answer = self._ask(
            {"do": "request", "name": name, "parameters": parameters, "seconds": seconds, "writes": writes},
            seconds + QUEUE_SECONDS,
            waiting,
        )
        if "refusal" in answer:
            raise Refusal(answer["refusal"], answer["detail"])
        return writes[call.writes] if call.writes and answer["answer"] is None else answer["answer"]

    def submit(self, run_id: str) -> None:
        """Lets a run that waits in the store begin when its turn comes."""
        self._ask({"do": "wake"}, START_SECONDS)

    def stop(self, run_id: str, how: Stop) -> bool:
        """Stops a run, at once when it waits; False when that comes too late. Its state tells when it has stopped."""
        marked = self._store.request_stop(run_id, how)
        self._ask({"do": "wake"}, START_SECONDS)
        return marked

    def resume(self, run_id: str) -> bool:
        """Queues a run that ended before it was done; it goes on from its last checkpoint, or begins anew without one."""
        queued = self._store.change_state(run_id, "queued")
        self.submit(run_id)
        return queued

    def reconcile(self) -> None:
        """Starts a supervisor if there is none; it settles by itself what an earlier one left."""
        self.ensure_supervisor()

    def status(self) -> Status:
        """How the engine is, at once; not ready while no supervisor answers."""
        try:
            return Status.model_validate(_exchange(self._store.home, {"do": "status"}, 2))
        except (OSError, EOFError, AuthenticationError):
            return Status(cores=os.cpu_count() or 1)

    def ensure_supervisor(self) -> None:
        """Starts a supervisor when none answers; returns at once in either case."""
        try:
            _exchange(self._store.home, {"do": "wake"}, 1)
        except (OSError, EOFError, AuthenticationError):
            with self._starting:
                if time.monotonic() - self._started > AGAIN_SECONDS:
                    self._started = time.monotonic()
                    start_supervisor(self._store)

    def _ask(self, question: dict[str, Any], seconds: float, waiting: Callable[[], object] = lambda: None) -> dict[str, Any]:
        """Sends a question once it can be sent; it is never sent twice."""
        until = time.monotonic() + START_SECONDS
        while True:
            try:
                return _exchange(self._store.home, question, seconds, waiting)
            except (ConnectionRefusedError, FileNotFoundError, AuthenticationError) as error:
                if time.monotonic() > until:
                    raise Refusal(UNREACHABLE, f"{type(error).__name__}: {error}\n{_log_end(self._store.home)}") from error
                self.ensure_supervisor()
                time.sleep(0.05)
            except (OSError, EOFError) as error:
                raise Refusal(GONE, f"{type(error).__name__}: {error}") from error

    def _export_path(self, name: str, parameters: dict[str, Any]) -> str:
        """A place for a file that the caller gave none, by what it is made of, so that the same question finds it again."""
        digest = hashlib.sha256(json.dumps([name, parameters], sort_keys=True).encode()).hexdigest()
        return str(self._store.home / "exports" / f"{digest[:32]}.keras")


def start_supervisor(store: Store, arguments: Sequence[str] = ()) -> subprocess.Popen[bytes]:
    """Starts a supervisor in a session of its own, so that it outlives this process; it ends at once if there is one."""
    detached: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        detached = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.DETACHED_PROCESS}
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, (str(PROJECT), os.environ.get("PYTHONPATH")))),
        "TRIBUTARY_HOME": str(store.home),
        "TRIBUTARY_STORE": store.url,
    }
    with open(engine_folder(store.home) / "supervisor.log", "ab") as log:
        supervisor = subprocess.Popen(
            [sys.executable, "-m", "components.engine.supervisor", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=store.home,
            env=environment,
            **detached,
        )
    # Somebody must wait for it, or it would stay in the system's table after its end.
    threading.Thread(target=supervisor.wait, daemon=True).start()
    return supervisor


def stop_supervisor(home: Path) -> bool:
    """Stops the supervisor with its workers and jobs, and waits until it has gone; False when there was none."""
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            pid = _exchange(home, {"do": "stop"}, START_SECONDS)["pid"]
            break
        except (OSError, EOFError, AuthenticationError):
            # One that has just begun holds the lock before it answers.
            lock = supervisor_lock(home)
            if lock.acquire() or time.monotonic() > until:
                lock.release()
                return False
            time.sleep(0.05)
    with contextlib.suppress(psutil.Error):
        psutil.Process(pid).wait(timeout=START_SECONDS)
    return True


def _exchange(
    home: Path, question: dict[str, Any], seconds: float, waiting: Callable[[], object] = lambda: None
) -> dict[str, Any]:
    until = time.monotonic() + seconds
    with Client(address(home), authkey=key(home)) as connection:
        send(connection, question)
        while not connection.poll(min(WAITING_SECONDS, max(0.0, until - time.monotonic()))):
            if time.monotonic() >= until:
                raise TimeoutError("No answer came in time.")
            waiting()
        return receive(connection)


def _log_end(home: Path) -> str:
    try:
        return (engine_folder(home) / "supervisor.log").read_text(errors="replace")[-2000:]
    except OSError:
        return ""
