"""What a process that opens other people's files takes from itself, before it imports TensorFlow.

Layers, each used where the system has it: Landlock, seccomp, resource limits, no new privileges, an end with the parent.
Needs neither root nor a package. macOS and Windows have only what is around the process: its own memory, a time limit, and
the scan of a file before it is opened.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path

from components.engine import landlock, seccomp
from components.engine.surroundings import PARENT, PROJECT

SET_PARENT_DEATH_SIGNAL, SET_NO_NEW_PRIVILEGES = 1, 38
"""Options of `prctl`."""

FIRST_TO_GO = "900"
"""Of 1000, how readily the system ends this process for lack of memory, before the app itself."""

FILE_BYTES = 16 << 30
OPEN_FILES = 1024
LIMITS = {"RLIMIT_CORE": 0, "RLIMIT_FSIZE": FILE_BYTES, "RLIMIT_NOFILE": OPEN_FILES}

SYSTEM = (
    "/usr",
    "/lib",
    "/lib64",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/etc/fonts",
    "/proc/self",
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/proc/stat",
    "/proc/sys/kernel",
    "/proc/sys/vm",
    "/sys/devices/system",
    "/sys/fs/cgroup",
    "/dev/urandom",
    "/dev/zero",
)
"""What Python, TensorFlow and Graphviz read outside their own folders."""


def lock_down(read: Iterable[Path], write: Iterable[Path]) -> tuple[str, ...]:
    """Restricts this process for good: `read` may be read, `write` read and written, and Python's own folders read.

    Must run before TensorFlow is imported, for its threads to be bound as well.

    Returns:
        The layers that took effect, in words.
    """
    active = []
    if _limits():
        active.append("resource limits")
    if not sys.platform.startswith("linux"):
        return tuple(active)
    if ctypes.CDLL(None).prctl(SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0) == 0:
        active.append("no new privileges")
    with contextlib.suppress(OSError):
        if version := landlock.restrict([*_python(), *read], [*write, Path("/dev/null")]):
            active.append(f"Landlock {version}")
    if seccomp.restrict():
        active.append("seccomp")
    return tuple(active)


def follow_parent() -> tuple[str, ...]:
    """Lets this process end with the thread that started it, and be the first to go when the machine runs out of memory.

    The environment's `TRIBUTARY_PARENT` is the process that started it; where that has gone already, this one ends at once.

    Returns:
        The layers that took effect, in words; Linux only.
    """
    if not sys.platform.startswith("linux"):
        return ()
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(FIRST_TO_GO)
    ended = ctypes.CDLL(None).prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0) == 0
    if os.getppid() != int(os.environ[PARENT]):
        os._exit(1)
    return ("ends with its parent",) if ended else ()


def limit_memory(extra: int) -> None:
    """Lets this process take `extra` bytes of memory beyond what it has now; Linux only.

    Called once TensorFlow is loaded, since what it reserves by itself grows with the machine's cores. Files that are mapped to
    be read do not count: a dataset may be larger than memory.
    """
    if sys.platform.startswith("linux"):
        import resource

        pages = int(Path("/proc/self/statm").read_text().split()[5])
        limit = pages * os.sysconf("SC_PAGE_SIZE") + extra
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


def _limits() -> bool:
    try:
        import resource
    except ImportError:
        return False
    for name, most in LIMITS.items():
        number = getattr(resource, name)
        hard = resource.getrlimit(number)[1]
        limit = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(number, (limit, limit))
    return True


def _python() -> list[Path]:
    folders = {
        str(PROJECT),
        sys.prefix,
        sys.base_prefix,
        *sysconfig.get_paths().values(),
        *(path for path in sys.path if path),
        *SYSTEM,
    }
    return [Path(folder) for folder in sorted(folders)]
