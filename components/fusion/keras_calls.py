"""Calls of Keras as plain data: a run makes what they describe, and the script writes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from components.fusion.lazy_keras import keras

LONGEST_LINE = 100


@dataclass(frozen=True)
class Call:
    """A call; `function` is its name below `keras`, or a function of this app. Its arguments may be calls themselves."""

    function: Any
    arguments: Mapping[str, Any]

    @property
    def is_plain(self) -> bool:
        """Whether plain Keras can open what it makes from a file: neither it nor an argument is made by this app."""
        return isinstance(self.function, str) and all(
            each.is_plain for each in self.arguments.values() if isinstance(each, Call)
        )


@dataclass(frozen=True)
class Epochs:
    """An argument that is a number of optimizer steps, said in epochs."""

    number: float


def make(value: Any, steps_per_epoch: int) -> Any:
    """What a description stands for: the object that a call gives, a number of steps, and any other value itself."""
    if isinstance(value, Epochs):
        return round(value.number * steps_per_epoch)
    if isinstance(value, Call):
        function = attrgetter(value.function)(keras) if isinstance(value.function, str) else value.function
        return function(**{name: make(argument, steps_per_epoch) for name, argument in value.arguments.items()})
    return value


def write(value: Any, indent: int = 0) -> str:
    """A description as Python, in which `steps_per_epoch` is a name. Long calls are wrapped; `indent` is where the line is."""
    if isinstance(value, Epochs):
        whole = isinstance(value.number, int)
        return f"{value.number} * steps_per_epoch" if whole else f"round({value.number} * steps_per_epoch)"
    if not isinstance(value, Call):
        return repr(value)
    function = f"keras.{value.function}" if isinstance(value.function, str) else value.function.__name__
    arguments = [f"{name}={write(argument, indent + 4)}" for name, argument in value.arguments.items()]
    line = f"{function}({', '.join(arguments)})"
    if len(line) + indent <= LONGEST_LINE:
        return line
    margin = "\n" + " " * indent
    return f"{function}({''.join(f'{margin}    {argument},' for argument in arguments)}{margin})"
