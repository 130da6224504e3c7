"""Landlock: which files a process may touch, decided by itself and never widened again (Linux 5.13 and later).

The rules bind the calling thread and the threads it starts later, so they must stand before TensorFlow starts its own.
Source: the kernel's `Documentation/userspace-api/landlock.rst`.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterable
from enum import IntFlag
from pathlib import Path

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
"""System call numbers, the same on every architecture."""

ASK_VERSION = 1
RULE_PATH_BENEATH = 1


class Access(IntFlag):
    """What may be done to a file or folder."""

    EXECUTE = 1 << 0
    WRITE_FILE = 1 << 1
    READ_FILE = 1 << 2
    READ_DIR = 1 << 3
    REMOVE_DIR = 1 << 4
    REMOVE_FILE = 1 << 5
    MAKE_CHAR = 1 << 6
    MAKE_DIR = 1 << 7
    MAKE_REG = 1 << 8
    MAKE_SOCK = 1 << 9
    MAKE_FIFO = 1 << 10
    MAKE_BLOCK = 1 << 11
    MAKE_SYM = 1 << 12
    REFER = 1 << 13
    TRUNCATE = 1 << 14
    IOCTL_DEV = 1 << 15


SINCE_VERSION = {2: Access.REFER, 3: Access.TRUNCATE, 5: Access.IOCTL_DEV}
"""The version of Landlock that first knows a right; earlier ones refuse a rule that names it."""

READ = Access.EXECUTE | Access.READ_FILE | Access.READ_DIR
"""With `EXECUTE`, which mapping a shared library needs. Starting a program is refused by seccomp."""

NEVER = Access.MAKE_CHAR | Access.MAKE_BLOCK | Access.MAKE_SYM | Access.MAKE_SOCK
WRITE = Access(sum(Access)) & ~NEVER & ~Access.EXECUTE

OF_A_FILE = Access.EXECUTE | Access.WRITE_FILE | Access.READ_FILE | Access.TRUNCATE | Access.IOCTL_DEV
"""The rights that make sense for a file that is not a folder."""


class _Ruleset(ctypes.Structure):
    _fields_ = [("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scoped", ctypes.c_uint64)]


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = [("allowed", ctypes.c_uint64), ("descriptor", ctypes.c_int32)]


def restrict(read: Iterable[Path], write: Iterable[Path]) -> int:
    """Leaves this process only `read` to read and `write` to read and write; paths that do not exist are passed over.

    Where the version knows them, TCP connections (4), signals to and abstract sockets of other processes (6) are refused too.

    Returns:
        Landlock's version, 0 where the system has none and nothing was restricted.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    version = libc.syscall(CREATE_RULESET, None, 0, ASK_VERSION)
    if version < 1:
        return 0
    known = Access(sum(Access))
    for since, right in SINCE_VERSION.items():
        if version < since:
            known &= ~right
    attributes = _Ruleset(known, 0b11 if version >= 4 else 0, 0b11 if version >= 6 else 0)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    ruleset = libc.syscall(CREATE_RULESET, ctypes.byref(attributes), size, 0)
    if ruleset < 0:
        return 0
    try:
        for paths, access in ((read, READ), (write, WRITE)):
            for path in paths:
                _allow(libc, ruleset, path, access & known)
        return 0 if libc.syscall(RESTRICT_SELF, ruleset, 0) else version
    finally:
        os.close(ruleset)


def _allow(libc: ctypes.CDLL, ruleset: int, path: Path, access: Access) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)  # type: ignore[attr-defined,unused-ignore]
    except OSError:
        return
    try:
        rule = _PathBeneath(access if path.is_dir() else access & OF_A_FILE, descriptor)
        if libc.syscall(ADD_RULE, ruleset, RULE_PATH_BENEATH, ctypes.byref(rule), 0):
            raise OSError(ctypes.get_errno(), "Landlock does not take a rule", str(path))
    finally:
        os.close(descriptor)
