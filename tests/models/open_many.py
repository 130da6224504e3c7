"""Opens model files one after the other in a process of its own, and reports what came of each.

    python -m tests.models.open_many FOLDER < file names, one a line > one JSON object a line

`Opener` is the other end: it starts such a process and asks it for one file after the other. A file that brings the process
down leaves its line out, and the caller sees which.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import traceback
from pathlib import Path
from types import TracebackType
from typing import Any

PROJECT = Path(__file__).parents[2]
ADDRESS_SPACE = 24 << 30
SECONDS, BYTES = 3, 1 << 30
"""The most CPU time and memory that may be spent on a file of a few megabytes, TensorFlow's own included."""

Answer = dict[str, Any]
"""`verdict` is accept, refuse, or error for whatever is neither; `text` all that a person could be shown of it. `seconds` is
CPU time, `peak` the most memory that the process held meanwhile, in bytes, `settings` are those of Keras afterwards where
they were others before, else None."""


class Opener:
    """A process that opens files. `folder` takes what it writes."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1", "PYTHONPATH": str(PROJECT)}
        self._log = open(folder / "log.txt", "w+")  # noqa: SIM115
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.models.open_many", str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            env=environment,
        )

    def open(self, path: Path) -> Answer:
        """What comes of a file; the process must survive it."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(f"{path}\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            self._log.seek(0)
            raise AssertionError(f"{path.name} brought the process down: {self._process.wait()}, {self._log.read()[-2000:]}")
        answer: Answer = json.loads(line)
        return answer

    def __enter__(self) -> Opener:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(timeout=20)
        self._log.close()


def open_one(path: Path, folder: Path) -> Answer:
    """Opens one file in this process, as a worker does, and the clean file that came of it as the next worker will."""
    from components.models.intake import open_member
    from components.models.load import load_canonical
    from components.recipe import Refusal

    canonical, answer, start, before = folder / "member.keras", Answer(), time.process_time(), settings()
    canonical.unlink(missing_ok=True)
    _forget_peak()
    try:
        facts = open_member(path, path.name, canonical)
        answer = {"verdict": "accept", "notes": facts.notes, "text": facts.model_dump_json()}
    except Refusal as refusal:
        answer = {"verdict": "refuse", "sentence": refusal.sentence, "text": refusal.sentence + refusal.detail}
    except Exception:
        answer = {"verdict": "error", "text": traceback.format_exc()}
    after = settings()
    answer |= {"written": canonical.exists(), "seconds": time.process_time() - start, "peak": _peak()}
    answer["settings"] = None if after == before else after
    if answer["verdict"] == "accept":
        try:
            load_canonical(canonical)
        except Exception:
            answer |= {"verdict": "error", "text": "The clean file does not open.\n" + traceback.format_exc()}
    return answer


def unfit(answer: Answer) -> str:
    """What is wrong with an answer, whatever the file was; empty where nothing is."""
    if answer["verdict"] == "error":
        return str(answer["text"])
    if answer["written"] != (answer["verdict"] == "accept"):
        return "A clean file was left of what was refused, or none of what was accepted."
    if answer["seconds"] > SECONDS or answer["peak"] > BYTES:
        return f"It took {answer['seconds']:.1f} s and {answer['peak'] / 2**20:,.0f} MiB."
    return "" if answer["settings"] is None else f"Keras' settings became {answer['settings']}."


def settings() -> list[Any]:
    """Keras' settings for the whole process, of which no file may change one."""
    import keras
    from keras.src.backend.common import global_state
    from keras.src.saving import object_registration, serialization_lib

    return [
        keras.config.floatx(),
        keras.config.dtype_policy().name,
        keras.config.image_data_format(),
        keras.config.epsilon(),
        serialization_lib.in_safe_mode(),
        sorted(object_registration.GLOBAL_CUSTOM_OBJECTS),
        len(global_state.get_global_attribute("uninitialized_variables") or ()),
        [bool(global_state.get_global_attribute(name)) for name in ("stateless_scope", "symbolic_scope", "name_scope_stack")],
    ]


def main(folder: Path) -> None:
    """Reads paths from standard input until it ends."""
    import resource

    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    for line in sys.stdin:
        answers.write(json.dumps(open_one(Path(line.rstrip("\n")), folder)) + "\n")
        answers.flush()


def _forget_peak() -> None:
    """Lets the peak begin anew with what is held now, where the system can (Linux)."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return


def _peak() -> int:
    """The most memory that this process has held, in bytes.

    Linux' own figure: `ru_maxrss` begins with what the parent held when it started this process.
    """
    status = Path("/proc/self/status")
    if not status.exists():
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


if __name__ == "__main__":
    main(Path(sys.argv[1]))
