from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.plain_keras import PlainKeras

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
# No test may touch what a person keeps in the app.
os.environ["TRIBUTARY_HOME"] = tempfile.mkdtemp(prefix="tributary-tests-")

TOGETHER = ("tests/browser/", "tests/engine/")
"""The rooms that share an app, or a supervisor with its workers: dear to start, so that one process runs all their tests."""

FILES = Path(__file__).parent / "files"


@pytest.fixture(scope="session")
def plain_keras() -> Iterator[PlainKeras]:
    """A process with Keras alone, shared by the whole run."""
    process = PlainKeras()
    yield process
    process.close()


@pytest.fixture(scope="session")
def files() -> Path:
    """The small model files and tables that the tests open."""
    return FILES


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: Any, log: Any) -> Any:
    """Deals tests out by the file, and those of some rooms by the room."""
    from xdist.scheduler import LoadFileScheduling

    class Scheduling(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return next((room for room in TOGETHER if nodeid.startswith(room)), super()._split_scope(nodeid))

    return Scheduling(config, log)
