"""Processes that have Keras loaded already: forked from one that has imported it, since TensorFlow takes seconds to load.

Where processes cannot be forked well, each is started anew.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from components.cli import main

_CONTEXT = multiprocessing.get_context("forkserver" if sys.platform == "linux" else "spawn")
if sys.platform == "linux":
    _CONTEXT.set_forkserver_preload(["keras", "components.cli"])


def forked(function: Callable[..., object], *arguments: Any, seconds: float = 150) -> int:
    """Calls a function of a module in a process of its own; its exit status, negative for a signal.

    Raises:
        TimeoutError: when it takes longer; it is killed.
    """
    process = _CONTEXT.Process(target=function, args=arguments)
    # A page that Streamlit has run in this process stays behind as its main module, which the new one would run again.
    behind, sys.modules["__main__"] = sys.modules["__main__"], ModuleType("__main__")
    try:
        process.start()
    finally:
        sys.modules["__main__"] = behind
    process.join(seconds)
    if process.exitcode is None:
        process.kill()
        process.join()
        raise TimeoutError(f"{function.__name__} took longer than {seconds:g} s.")
    code = process.exitcode
    process.close()
    return code


def tributary(home: Path, *words: object, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    """A command as it is typed in `folder`, with this home folder; what it prints is caught below Python."""
    with tempfile.TemporaryDirectory() as said:
        printed = Path(said, "out"), Path(said, "err")
        code = forked(_command, str(home), str(folder or Path.cwd()), *printed, list(map(str, words)))
        return subprocess.CompletedProcess(words, code, *(path.read_text() for path in printed))


def _command(home: str, folder: str, out: Path, err: Path, words: list[str]) -> None:
    for stream, path in ((1, out), (2, err)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), stream)
    os.environ["TRIBUTARY_HOME"] = home
    os.chdir(folder)
    sys.exit(main(words))
