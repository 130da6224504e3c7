"""Waiting for other processes in tests."""

from __future__ import annotations

import time
from collections.abc import Callable

from components.store import ENDED, Run, Store


def until(true: Callable[[], object], seconds: float = 60) -> None:
    """Waits until something holds; fails when it does not in time."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def ended(store: Store, id: str, seconds: float = 90) -> Run:
    """The run once it has ended."""
    until(lambda: store.run(id).state in ENDED, seconds)
    return store.run(id)


def points_of(store: Store, id: str, more_than: int, seconds: float = 90) -> None:
    """Waits for points; fails at once when the run ends before they came."""

    def enough() -> bool:
        run = store.run(id)
        assert run.state not in ENDED, f"{run.message} {run.detail}"
        return len(store.curve(id).points) > more_than

    until(enough, seconds)
