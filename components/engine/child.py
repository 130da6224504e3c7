"""A process that the supervisor started: JSON lines in and out, watched for its time and its memory."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil

from components.engine.surroundings import PARENT, PROJECT, surroundings

LONGEST_LINE = 64 << 20
"""Bytes of one message from a child; a child that sends more is not one of ours any more."""

ENDED_BY_US = 1
"""The exit status of a child that was ended from here: not to be taken for one that the system killed."""

UNREAD_LINES = 64
"""Messages that may wait to be taken; a child that talks faster waits in turn."""

LOOK_SECONDS = 0.2
"""How often the memory of a child is looked at while one waits for it."""

KEPT_FROM_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "HOME", "SYSTEMROOT", "CUDA_VISIBLE_DEVICES", "LD_LIBRARY_PATH")
"""What a child may know of the environment: nothing that could hold a password."""


class Ended(Exception):
    """The child is gone, or broke the rules and was ended. `code` is its exit status, negative for a signal."""

    def __init__(self, code: int) -> None:
        super().__init__(f"exit status {code}")
        self.code = code


class OutOfMemory(Exception):
    """The child grew beyond what it may use."""


class Child:
    """`python -m module arguments…` with a scratch folder of its own for temporary files and a log for all that it prints.

    Must be created by a thread that outlives it: on Linux it ends with that thread.
    """

    def __init__(
        self,
        module: str,
        arguments: Sequence[str],
        *,
        scratch: Path,
        log: Path,
        most_memory: int,
        environment: Mapping[str, str],
    ) -> None:
        self._most_memory = most_memory
        self.log = log
        kept = {name: os.environ[name] for name in KEPT_FROM_ENVIRONMENT if name in os.environ}
        with open(log, "wb") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                cwd=scratch,
                env={
                    **kept,
                    "PYTHONPATH": str(PROJECT),
                    "PYTHONUNBUFFERED": "1",
                    PARENT: str(os.getpid()),
                    **surroundings(scratch),
                    **environment,
                },
            )
        self.pid = self._process.pid
        self._silent = self._killed = False
        self._lines: queue.Queue[dict[str, Any] | None] = queue.Queue(UNREAD_LINES)
        threading.Thread(target=self._read, name=f"read {module} {self.pid}", daemon=True).start()

    @property
    def gone(self) -> bool:
        """Whether the process has ended."""
        return self._process.poll() is not None

    @property
    def memory(self) -> int | None:
        """Bytes that it holds; None when it is gone."""
        try:
            return held_memory(self.pid)
        except (psutil.Error, OSError):
            return None

    def send(self, message: dict[str, Any]) -> None:
        """Writes one message.

        Raises:
            Ended: when the child is gone.
        """
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
            self._process.stdin.flush()
        except OSError as error:
            raise Ended(self.end()) from error

    def receive(self, seconds: float) -> dict[str, Any] | None:
        """The next message; None when none came in time.

        Raises:
            Ended: when the child is gone.
            OutOfMemory: when it has grown too large; it is ended.
        """
        until = time.monotonic() + seconds
        while True:
            left = until - time.monotonic()
            try:
                message = self._lines.get(timeout=max(0.0, min(LOOK_SECONDS, left)))
            except queue.Empty:
                if self._too_large():
                    self.end()
                    raise OutOfMemory from None
                if left <= LOOK_SECONDS:
                    return None
                continue
            if message is None:
                raise Ended(self.end())
            return message

    def terminate(self) -> None:
        """Asks the system to end the child (SIGTERM)."""
        self._process.terminate()

    def end(self) -> int:
        """Ends the child if it still runs, and returns its exit status; `ENDED_BY_US` when it was ended here."""
        try:
            # One whose output has ended is on its way out; its own status says more than ours.
            self._process.wait(timeout=1.0 if self._silent else 0.0)
        except subprocess.TimeoutExpired:
            self._killed = True
            self._process.kill()
        code = self._process.wait()
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        return ENDED_BY_US if self._killed else code

    def last_words(self, lines: int = 50) -> str:
        """The end of its log."""
        try:
            with open(self.log, "rb") as file:
                file.seek(max(0, self.log.stat().st_size - 16_384))
                return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])
        except OSError:
            return ""

    def _read(self) -> None:
        output = self._process.stdout
        assert output is not None
        with output:
            while line := output.readline(LONGEST_LINE):
                try:
                    message = json.loads(line)
                    if not isinstance(message, dict):
                        break
                except ValueError:
                    break
                self._lines.put(message)
        self._silent = True
        self._lines.put(None)

    def _too_large(self) -> bool:
        return (self.memory or 0) > self._most_memory


def held_memory(pid: int) -> int:
    """Bytes of memory that a process holds.

    On Linux without the pages of files that it has mapped: the system takes those back whenever it needs room, so that
    datasets larger than memory can be mapped.
    """
    if not sys.platform.startswith("linux"):
        return int(psutil.Process(pid).memory_info().rss)
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return sum(int(line.split()[1]) << 10 for line in lines if line.startswith(("RssAnon:", "RssShmem:")))
