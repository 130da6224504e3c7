"""The optimizer of a run, described once as plain data: a run makes it, and the script writes it."""

from __future__ import annotations

from dataclasses import dataclass

from components.fusion.keras_calls import Call
from components.fusion.member_rates import with_own_rates
from components.fusion.schedules import learning_rate
from components.recipe import Training
from components.recipe.training import Optimizer


@dataclass(frozen=True)
class Kind:
    """One of Keras' optimizers by its name there; `has_momentum` is whether its momentum is a choice."""

    name: str
    has_momentum: bool = False


OPTIMIZERS: dict[Optimizer, Kind] = {
    "adam": Kind("Adam"),
    "adamw": Kind("AdamW"),
    "sgd": Kind("SGD", has_momentum=True),
    "rmsprop": Kind("RMSprop", has_momentum=True),
    "nadam": Kind("Nadam"),
    "adamax": Kind("Adamax"),
    "adagrad": Kind("Adagrad"),
    "adadelta": Kind("Adadelta"),
    "lion": Kind("Lion"),
}


def optimizer_call(settings: Training, own_rates: bool = False) -> Call:
    """The optimizer that the settings ask for, with its schedule. What they leave alone stays as Keras has it.

    In float16 it scales the loss, so that small gradients are not lost, and gives them back as they are.

    Args:
        settings: Of the run, or of one of its phases.
        own_rates: Whether there are variables with a share of the learning rate of their own.

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
    arguments = {"learning_rate": learning_rate(settings), **set_anew}
    plain = Call(f"optimizers.{kind.name}", arguments)
    call = Call(with_own_rates, {"optimizer": kind.name, **arguments}) if own_rates else plain
    if settings.precision == "mixed_float16":
        return Call("optimizers.LossScaleOptimizer", {"inner_optimizer": call})
    return call
