"""The requests a worker answers, as the web process knows them: names, time limits, and files they write.

Kept apart from `requests.py`, which reaches the rooms that load TensorFlow.
"""

from __future__ import annotations

from typing import NamedTuple


class Call(NamedTuple):
    """`seconds` is the time limit of the work itself; `writes` the parameter that names the file it writes, if any."""

    seconds: float = 60
    writes: str | None = None


CALLS: dict[str, Call] = {
    "open_member": Call(120, writes="canonical"),
    "read_dataset": Call(300),
    "unpack_dataset": Call(1800, writes="file"),
    "example": Call(),
    "bind": Call(120),
    "prepare": Call(120),
    "build": Call(),
    "gradients": Call(180),
    "find_rate": Call(180),
    "plot_model": Call(),
    "plot_member": Call(),
    "compare_members": Call(120),
    "render": Call(30),
    "export": Call(120, writes="file"),
    "score": Call(180),
    "make_architecture": Call(180, writes="file"),
    "make_small_member": Call(120, writes="file"),
    "merge": Call(300, writes="file"),
    "barrier": Call(180),
    "trained_member": Call(120, writes="file"),
    "export_model": Call(300, writes="file"),
    "predict": Call(300, writes="table"),
    "event_files": Call(120, writes="file"),
    "leaderboard": Call(180),
}
