"""A run that ends badly: killed at whatever it is just doing, or without room on the disk."""

from __future__ import annotations

import os
import random
import resource
import signal
import threading
from pathlib import Path
from typing import Any

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


def run_badly(
    recipe: Recipe, facts: dict[str, MemberFacts], home: Path, folder: Path, kill: int | None, full: int | None
) -> None:
    """Trains in a process of its own; what a person would read lies in the folder's `said.txt`.

    After `kill` steps the process is killed; after `full` steps no file may grow beyond 100 KB; None lets it come to its end.
    """
    # What several threads add up comes out otherwise each time.
    os.environ["TF_NUM_INTRAOP_THREADS"] = "1"
    keeper.SECONDS_BETWEEN_EPOCHS = keeper.SECONDS_WITHIN_EPOCH = 0.05
    keeper.LARGEST_SHARE = 0.5
    listener = Listener(folder, kill, full)
    try:
        run_recipe(recipe, facts, Files(home), folder, listener)
    except Refusal as no:
        listener.trouble(f"{no.sentence} {no.detail}")
