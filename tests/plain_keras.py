"""A process with Keras alone: it knows nothing of this project and answers for what plain Keras does with a file.

Started once for the whole test run, since TensorFlow takes seconds to import. Speaks JSON lines; arrays travel as NPZ files.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np


class PlainKeras:
    """Runs requests in a fresh interpreter with Keras, outside the project's folder."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1", "PYTHONPATH": ""}
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).resolve()), "serve"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=self._folder.name,
            env=environment,
        )

    def _ask(self, **request: Any) -> dict[str, Any]:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer

    def predict(self, model: Path, inputs: list[np.ndarray]) -> list[np.ndarray]:
        """Loads a file with `keras.models.load_model` and predicts; arrays in and out in the model's own order."""
        x, y = Path(self._folder.name, "x.npz"), Path(self._folder.name, "y.npz")
        np.savez(x, *inputs)
        self._ask(do="predict", model=str(model), x=str(x), y=str(y))
        with np.load(y) as arrays:
            return [arrays[f"arr_{index}"] for index in range(len(arrays.files))]

    def run(self, script: str, folder: Path) -> dict[str, np.ndarray]:
        """Executes a script's text in `folder`; returns the arrays that it left under the global name `results`."""
        y = Path(self._folder.name, "results.npz")
        self._ask(do="run", script=script, folder=str(folder), y=str(y))
        with np.load(y) as arrays:
            return {name: arrays[name] for name in arrays.files}

    def close(self) -> None:
        """Ends the process."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.wait(timeout=20)
        self._process.stdout.close()
        self._folder.cleanup()


def _serve() -> None:
    import traceback

    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    import keras

    for line in sys.stdin:
        request = json.loads(line)
        try:
            if request["do"] == "predict":
                model = keras.models.load_model(request["model"], compile=False)
                with np.load(request["x"]) as arrays:
                    inputs = [arrays[f"arr_{index}"] for index in range(len(arrays.files))]
                outputs = model.predict(inputs if len(inputs) > 1 else inputs[0], verbose=0)
                np.savez(request["y"], *(outputs if isinstance(outputs, list) else [outputs]))
            else:
                os.chdir(request["folder"])
                scope: dict[str, Any] = {"__name__": "__main__"}
                exec(compile(request["script"], "script.py", "exec"), scope)
                np.savez(request["y"], **scope.get("results", {}))
            answer = {}
        except Exception:
            answer = {"error": traceback.format_exc()}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    _serve()
