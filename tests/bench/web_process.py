"""What the web process weighs, and what it must not have loaded."""

from __future__ import annotations

from collections.abc import Iterator

import psutil

from tests.bench.bench import Row


def weight(process: psutil.Process, when: str) -> Iterator[Row]:
    """Resident memory, and how many libraries of TensorFlow are mapped, of the web process as it is now."""
    yield Row(f"Resident memory of the web process, {when}", process.memory_info().rss / 1e6, "MB", 300)
    if hasattr(process, "memory_maps"):  # not on macOS
        mapped = {each.path for each in process.memory_maps() if "tensorflow" in each.path.lower()}
        yield Row(f"TensorFlow's libraries in the web process, {when}", len(mapped), "", 0)
