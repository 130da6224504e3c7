"""How the web process and the supervisor speak: JSON over a local socket that only this person's processes can open.

Every connection carries one question and one answer. Nothing is ever unpickled.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import sys
import tempfile
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from components.recipe import Document
from components.store.lock import FileLock

LONGEST_ANSWER = 64 << 20
"""Bytes of one message; more is refused before it is read."""

LONGEST_ADDRESS = 100
"""Characters of a socket's path; the systems stop at 103 to 107."""


class Status(Document):
    """How the engine is. `warming` is how many seconds the first worker has been loading TensorFlow, None once it is ready.

    `sandbox` names the layers around the workers, `trusted` the modules whose layers a person has allowed. `waiting` counts
    requests that wait for a worker, `queued` runs that wait for a core.
    """

    ready: bool = False
    warming: float | None = None
    workers: int = 0
    waiting: int = 0
    running: int = 0
    queued: int = 0
    cores: int = 1
    sandbox: tuple[str, ...] = ()
    trusted: tuple[str, ...] = ()


def engine_folder(home: Path) -> Path:
    """The folder of what the processes share: key, lock, log, scratch; created, and open to its owner alone."""
    folder = home / "engine"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def address(home: Path) -> str:
    """The socket's address: in the home folder where the path is short enough for one, else in a private temporary folder."""
    short = hashlib.sha256(str(home).encode()).hexdigest()[:16]
    if sys.platform == "win32":
        return rf"\\.\pipe\tributary-{short}"
    path = str(engine_folder(home) / "socket")
    if len(path) <= LONGEST_ADDRESS:
        return path
    folder = Path(tempfile.gettempdir(), f"tributary-{os.getuid()}-{short}")
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid() or folder.stat().st_mode & 0o077:
        raise PermissionError(f"{folder} belongs to someone else.")
    return str(folder / "socket")


def key(home: Path) -> bytes:
    """The secret both ends must know; written once."""
    path = engine_folder(home) / "key"
    with FileLock(path.with_suffix(".lock")):
        if not path.exists():
            path.touch(mode=0o600)
            path.write_bytes(secrets.token_bytes(32))
    return path.read_bytes()


def supervisor_lock(home: Path) -> FileLock:
    """The lock that the one supervisor of a home folder holds."""
    return FileLock(engine_folder(home) / "lock")


def send(connection: Connection, message: dict[str, Any]) -> None:
    """Writes one message."""
    connection.send_bytes(json.dumps(message).encode())


def receive(connection: Connection) -> dict[str, Any]:
    """Reads one message.

    Raises:
        EOFError: when the other end has gone.
        OSError: when it sends more than a message may hold.
    """
    message: dict[str, Any] = json.loads(connection.recv_bytes(LONGEST_ANSWER))
    return message
