"""The optimizer of a run, described once as plain data: a run makes it, and the script writes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from components.fusion.lazy_keras import keras
from components.recipe import Training
from components.recipe.training import Optimizer


@dataclass(frozen=True)
class Call:
    """A call of something that Keras has: its name below `keras`, and its arguments, which may be calls themselves."""

    function: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True)
class Kind:
    """One of Keras' optimizers; `has_momentum` is whether its momentum is a choice."""

    function: str
    has_momentum: bool = False


OPTIMIZERS: dict[Optimizer, Kind] = {
    "adam": Kind("optimizers.Adam"),
    "adamw": Kind("optimizers.AdamW"),
    "sgd": Kind("optimizers.SGD", has_momentum=True),
    "rmsprop": Kind("optimizers.RMSprop", has_momentum=True),
    "nadam": Kind("optimizers.Nadam"),
    "adamax": Kind("optimizers.Adamax"),
    "adagrad": Kind("optimizers.Adagrad"),
    "adadelta": Kind("optimizers.Adadelta"),
    "lion": Kind("optimizers.Lion"),
}


def optimizer_call(settings: Training) -> Call:
    """The optimizer that the settings ask for. What they leave alone stays as Keras has it."""
    kind = OPTIMIZERS[settings.optimizer]
    chosen = {
        "momentum": settings.momentum if kind.has_momentum else 0.0,
        "weight_decay": settings.weight_decay,
        "global_clipnorm": settings.clip_norm,
    }
    set_anew = {name: value for name, value in chosen.items() if value}
    return Call(kind.function, {"learning_rate": settings.learning_rate, **set_anew})


def make(value: Any) -> Any:
    """What a description stands for: the Keras object of a call, and any other value itself."""
    if isinstance(value, Call):
        return attrgetter(value.function)(keras)(**{name: make(argument) for name, argument in value.arguments.items()})
    return value


def write(value: Any) -> str:
    """A description as Python."""
    if isinstance(value, Call):
        arguments = ", ".join(f"{name}={write(argument)}" for name, argument in value.arguments.items())
        return f"keras.{value.function}({arguments})"
    return repr(value)
