"""The optimizer of a run, described once as plain data: a run makes it, and the script writes it."""

from __future__ import annotations

from dataclasses import dataclass

from components.fusion.keras_calls import Call
from components.fusion.schedules import learning_rate
from components.recipe import Training
from components.recipe.training import Optimizer


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
    """The optimizer that the settings ask for, with its schedule. What they leave alone stays as Keras has it.

    Raises:
        Refusal: when the schedule and the warm-up do not go together.
    """
    kind = OPTIMIZERS[settings.optimizer]
    chosen = {
        "momentum": settings.momentum if kind.has_momentum else 0.0,
        "weight_decay": settings.weight_decay,
        "global_clipnorm": settings.clip_norm,
        "use_ema": settings.weight_averaging > 0,
        "ema_momentum": settings.weight_averaging,
    }
    set_anew = {name: value for name, value in chosen.items() if value}
    return Call(kind.function, {"learning_rate": learning_rate(settings), **set_anew})
