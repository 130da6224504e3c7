from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.plain_keras import PlainKeras

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
# No test may touch what a person keeps in the app.
os.environ["TRIBUTARY_HOME"] = tempfile.mkdtemp(prefix="tributary-tests-")

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
