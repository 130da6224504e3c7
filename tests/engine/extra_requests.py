"""Requests that only the tests' workers answer: what goes wrong, on purpose."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from components.recipe import Refusal, Shape


def echo(value: Any) -> Any:
    return value


def process() -> int:
    return os.getpid()


def crash(code: int) -> None:
    os._exit(code)


def signal_itself(number: int) -> None:
    os.kill(os.getpid(), number)


def hang(seconds: float) -> str:
    time.sleep(seconds)
    return "awake"


def refuse(sentence: str) -> None:
    raise Refusal(sentence, "the detail")


def stumble() -> float:
    return 1 / 0


def needs_shape(shape: Shape) -> int:
    return len(shape)


def shout() -> str:
    """Prints to standard output, where only answers belong."""
    print('{"answer": "not mine"}', flush=True)
    return "mine"


def write_file(file: str, text: str) -> None:
    Path(file).write_text(text)


def leave_behind(name: str) -> list[str]:
    found = sorted(path.name for path in Path.cwd().iterdir())
    Path(name).write_text("left")
    return found


def environment() -> dict[str, str]:
    return dict(os.environ)


def misdeed(which: str, target: str = "") -> str:
    """Tries what the sandbox refuses; answers with the error's name, or `done`."""
    deeds = {
        "read": lambda: Path(target).read_bytes(),
        "list": lambda: os.listdir(target),
        "write": lambda: Path(target).write_text("x"),
        "socket": lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM),
        "unix socket": lambda: socket.socket(socket.AF_UNIX, socket.SOCK_STREAM),
        "exec": lambda: subprocess.run([sys.executable, "-c", "0"], check=True),
        "symbolic link": lambda: os.symlink("/etc/passwd", "link"),
        "look into the parent": lambda: Path(f"/proc/{os.getppid()}/environ").read_bytes(),
        "signal the parent": lambda: os.kill(os.getppid(), 10),
    }
    try:
        deeds[which]()
    except OSError as error:
        return type(error).__name__
    return "done"


def train_and_save() -> float:
    """What must go on working in the sandbox: build, fit, save, load, predict. Returns the largest difference."""
    import keras
    import numpy as np

    x = np.linspace(0, 1, 32, dtype="float32").reshape(8, 4)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    model.compile("adam", "mse", jit_compile=False)
    model.fit(x, x[:, :2], verbose=0)
    model.save("model.keras")
    again = keras.models.load_model("model.keras")
    return float(np.abs(model.predict(x, verbose=0) - again.predict(x, verbose=0)).max())


REQUESTS = {
    function.__name__: function
    for function in (
        echo,
        process,
        crash,
        signal_itself,
        hang,
        refuse,
        stumble,
        needs_shape,
        shout,
        write_file,
        leave_behind,
        environment,
        misdeed,
        train_and_save,
    )
}
