"""seccomp: system calls that a process refuses itself, in all its threads (Linux on x86-64 and ARM64).

A worker computes; it has no need to start programs, to open sockets, to look into other processes or to change the system.
Refused calls fail with EPERM, so that code which can do without them goes on.
Source: the kernel's `Documentation/userspace-api/seccomp_filter.rst`.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
from typing import NamedTuple


class _Machine(NamedTuple):
    audit: int
    seccomp: int
    refused: dict[str, int]


MACHINES = {
    "x86_64": _Machine(
        audit=0xC000003E,
        seccomp=317,
        refused={
            "execve": 59, "execveat": 322, "socket": 41, "socketpair": 53, "connect": 42, "bind": 49, "listen": 50,
            "accept": 43, "accept4": 288, "sendto": 44, "sendmsg": 46, "ptrace": 101, "process_vm_readv": 310,
            "process_vm_writev": 311, "mount": 165, "umount2": 166, "chroot": 161, "pivot_root": 155, "init_module": 175,
            "finit_module": 313, "kexec_load": 246, "bpf": 321, "unshare": 272, "setns": 308, "add_key": 248, "keyctl": 250,
            "perf_event_open": 298, "userfaultfd": 323, "io_uring_setup": 425, "symlink": 88, "symlinkat": 266, "link": 86,
            "linkat": 265,
        },
    ),
    "aarch64": _Machine(
        audit=0xC00000B7,
        seccomp=277,
        refused={
            "execve": 221, "execveat": 281, "socket": 198, "socketpair": 199, "connect": 203, "bind": 200, "listen": 201,
            "accept": 202, "accept4": 242, "sendto": 206, "sendmsg": 211, "ptrace": 117, "process_vm_readv": 270,
            "process_vm_writev": 271, "mount": 40, "umount2": 39, "chroot": 51, "pivot_root": 41, "init_module": 105,
            "finit_module": 273, "kexec_load": 104, "bpf": 280, "unshare": 97, "setns": 268, "add_key": 217, "keyctl": 219,
            "perf_event_open": 241, "userfaultfd": 282, "io_uring_setup": 425, "symlinkat": 36, "linkat": 37,
        },
    ),
}  # fmt: skip
"""Each machine's audit number, its number of `seccomp`, and the numbers of the calls that are refused."""

LOAD, EQUAL, AT_LEAST, RETURN = 0x20, 0x15, 0x35, 0x06
"""Instructions of the kernel's packet filter."""

NUMBER, ARCHITECTURE = 0, 4
"""Where the system call's number and the machine's audit number lie in what the filter sees."""

ALLOW, KILL_PROCESS = 0x7FFF0000, 0x80000000
REFUSE = 0x00050000 | errno.EPERM
X32 = 0x40000000
"""Numbers from here on are the same calls under another convention of x86-64."""

SET_MODE_FILTER, ALL_THREADS = 1, 1


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p)]


def restrict() -> bool:
    """Refuses the calls from now on; needs `no_new_privs`. False where the machine or the system cannot."""
    machine = MACHINES.get(platform.machine())
    if machine is None:
        return False
    instructions = [
        (LOAD, 0, 0, ARCHITECTURE),
        (EQUAL, 1, 0, machine.audit),
        (RETURN, 0, 0, KILL_PROCESS),
        (LOAD, 0, 0, NUMBER),
        (AT_LEAST, 0, 1, X32),
        (RETURN, 0, 0, REFUSE),
    ]
    for number in machine.refused.values():
        instructions += [(EQUAL, 0, 1, number), (RETURN, 0, 0, REFUSE)]
    instructions.append((RETURN, 0, 0, ALLOW))
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *instruction) for instruction in instructions))
    program = _Program(len(instructions), ctypes.addressof(code))
    libc = ctypes.CDLL(None, use_errno=True)
    return bool(libc.syscall(machine.seccomp, SET_MODE_FILTER, ALL_THREADS, ctypes.byref(program)) == 0)
