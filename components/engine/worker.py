"""A request worker: `python -m components.engine.worker`, started by the supervisor.

Reads one request a line from standard input and answers in one line. What it may touch is settled before TensorFlow is
imported: the uploaded files and clean members to read, the folder it was started in to write.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import inspect
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

from pydantic import ValidationError, validate_call
from pydantic_core import to_jsonable_python

from components.engine.configuration import configuration
from components.engine.own_modules import modules_folder
from components.engine.sandbox import follow_parent, limit_memory, lock_down
from components.models.trusted import trust
from components.recipe import Refusal
from components.store.files import Files

DETAIL = 4000
"""Characters of a technical detail."""


def main() -> None:
    """Answers requests until its input ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--memory", type=int, required=True, help="bytes by which it may grow once TensorFlow is loaded")
    parser.add_argument("--requests", nargs="*", default=[], help="modules with further requests")
    arguments = parser.parse_args()
    followed = follow_parent()
    answers = claim_output()
    files = Files(arguments.home)
    allowed, folder = configuration(arguments.home), modules_folder(arguments.home)
    readable = [files.blobs, files.members_folder, folder, *filter(None, [allowed.data_folder])]
    sandbox = followed + lock_down(read=readable, write=[Path.cwd()])
    requests = load_requests(files, allowed.most_in_memory << 20, arguments.requests)
    trusted = trust(allowed.trusted_modules, folder)
    limit_memory(arguments.memory)
    # What stays for good is not looked through again by every collection.
    gc.collect()
    gc.freeze()
    write(answers, {"ready": True, "sandbox": sandbox, "trusted": trusted})
    for line in sys.stdin:
        question = json.loads(line)
        write(answers, answer(requests, question["name"], question["parameters"]))


def claim_output() -> TextIO:
    """Keeps standard output for answers alone: what libraries print goes to the log with the errors."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answers


def write(answers: TextIO, message: dict[str, Any]) -> None:
    """Writes one message as a line of JSON."""
    answers.write(json.dumps(message) + "\n")
    answers.flush()


def load_requests(files: Files, in_memory: int, modules: list[str]) -> dict[str, Callable[..., Any]]:
    """The request functions by name, with TensorFlow loaded and warm."""
    # Imported here and not above: this loads TensorFlow, which must find the sandbox standing.
    from components.engine.requests import requests, warm_up

    warm_up()
    found = requests(files, in_memory)
    for module in modules:
        found.update(importlib.import_module(module).REQUESTS)
    return found


def answer(requests: dict[str, Callable[..., Any]], name: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """Calls a request's function with parameters as its annotations describe them; whatever it raises becomes a sentence."""
    try:
        return {"answer": to_jsonable_python(validate_call(requests[name])(**parameters))}
    except Refusal as no:
        return refusal(no.sentence, no.detail)
    except ValidationError as error:
        return refusal("This recipe or request is not complete; go back one step and choose again.", str(error))
    except MemoryError as error:
        return refusal("This needs more memory than there is. Try a smaller model or less data.", str(error))
    except Exception as error:
        return refusal("This did not work; the technical detail says where it stopped.", where(error))


def refusal(sentence: str, detail: str) -> dict[str, Any]:
    """An answer that says no."""
    return {"refusal": sentence, "detail": detail[:DETAIL]}


def where(error: BaseException) -> str:
    """An error's kind and message, and the lines of ours it passed through, without its traceback."""
    frames = inspect.getinnerframes(error.__traceback__) if error.__traceback__ else []
    ours = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames if "components" in Path(frame.filename).parts]
    return f"{type(error).__name__}: {error}\n{' → '.join(ours)}"


if __name__ == "__main__":
    main()
