"""Runs that end badly, each in a process of its own that has Keras loaded already: `python -m tests.engine.killed_runs`.

Reads lines of JSON with `recipe`, `facts`, `home`, `folder`, `kill` and `full`. After `kill` steps the process is killed, at
whatever it is just doing; after `full` steps no file may grow beyond 100 KB; null lets it come to its end. Answers each with
its exit status; what a person would read lies in the folder's `said.txt`.
"""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import sys
import threading
from pathlib import Path
from typing import Any

os.environ["TF_NUM_INTRAOP_THREADS"] = "1"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from components.engine.run import run_recipe
from components.models.facts import MemberFacts
from components.recipe import Recipe, Refusal
from components.store.files import Files
from components.training import keeper
from components.training.events import Point

MOST_DELAY = 0.2
LARGEST_FILE = 100_000


class Listener:
    def __init__(self, folder: Path, kill: int | None, full: int | None) -> None:
        self.folder, self.kill, self.full = folder, kill, full

    def point(self, point: Point) -> None:
        if self.kill is not None and point.step >= self.kill:
            self.kill = None
            delay = random.Random(point.step).uniform(0, MOST_DELAY)
            threading.Timer(delay, lambda: os.kill(os.getpid(), signal.SIGKILL)).start()
        if self.full is not None and point.step >= self.full:
            resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, LARGEST_FILE))

    def trouble(self, sentence: str) -> None:
        with open(self.folder / "said.txt", "a") as file:
            print(sentence, file=file)

    def stop(self) -> bool:
        return False

    def __getattr__(self, name: str) -> Any:
        return lambda *arguments: None


def run(asked: dict[str, Any]) -> None:
    keeper.SECONDS_BETWEEN_EPOCHS = keeper.SECONDS_WITHIN_EPOCH = 0.05
    keeper.LARGEST_SHARE = 0.5
    facts = {name: MemberFacts.model_validate(card) for name, card in asked["facts"].items()}
    recipe, folder = Recipe.model_validate(asked["recipe"]), Path(asked["folder"])
    listener = Listener(folder, asked["kill"], asked["full"])
    try:
        run_recipe(recipe, facts, Files(Path(asked["home"])), folder, listener)
    except Refusal as no:
        listener.trouble(f"{no.sentence} {no.detail}")


def main() -> None:
    for line in sys.stdin:
        process = os.fork()
        if not process:
            run(json.loads(line))
            os._exit(0)
        _, status = os.waitpid(process, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()
