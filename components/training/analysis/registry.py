"""The analyses by name. Each says for which tasks it stands; whoever adds one adds a module and a field of `Findings`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from components.recipe import Document, Task
from components.training.tested import Tested

Found = TypeVar("Found", bound=Document)
Function = Callable[[Tested, Tested | None], Found | None]
"""From what was tested on the test split, and on the calibration split where there is one, to what was found."""


@dataclass(frozen=True)
class Entry:
    """One analysis and the tasks that it applies to."""

    tasks: frozenset[Task]
    function: Function[Document]


ANALYSES: dict[str, Entry] = {}


def analysis(*tasks: Task) -> Callable[[Function[Found]], Function[Found]]:
    """Adds an analysis for these tasks under its function's name, which is a field of `Findings`."""

    def add(function: Function[Found]) -> Function[Found]:
        ANALYSES[function.__name__] = Entry(frozenset(tasks), function)
        return function

    return add
