"""How the learning rate changes in a run: a registry of schedules, all of them Keras' own, and a warm-up before any."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from components.fusion.keras_calls import Call, Epochs
from components.fusion.lazy_keras import keras
from components.recipe import Refusal, Training
from components.recipe.training import Schedule

RISING = 0.3
"""The share of a run in which the rate of one cycle rises."""
FIRST_OF_CYCLE = 1 / 25
"""Where one cycle begins, as a share of the learning rate."""


def learning_rate(settings: Training) -> Call | float:
    """The rate of a run, a number or a schedule. A warm-up comes first, and the schedule begins after it.

    Raises:
        Refusal: when a warm-up is asked for before a rate that is lowered on a plateau.
    """
    rate = SCHEDULES[settings.schedule](settings)
    if not settings.warm_up:
        return rate
    if settings.schedule == "plateau":
        raise Refusal(
            "The schedule “plateau” lowers a fixed learning rate, so it cannot follow a warm-up "
            f"(of {settings.warm_up} epochs). Set the warm-up to 0, or choose another schedule."
        )
    return Call(warm_up, {"rate": rate, "steps": Epochs(settings.warm_up)})


def schedule_callbacks(settings: Training) -> list[Call]:
    """The callbacks that change the rate during a run."""
    if settings.schedule != "plateau":
        return []
    return [Call("callbacks.ReduceLROnPlateau", {"factor": settings.decay_factor, "patience": settings.decay_epochs})]


def warm_up(rate: Any, steps: int) -> Any:
    """A schedule that rises in a line to the first value of `rate` within so many steps, and then follows it.

    At step s it is min(1, (s + 1) / steps) · rate(max(0, s - steps)), after Goyal et al. (2017).
    """
    after = rate if callable(rate) else lambda step: rate

    class WarmUp(keras.optimizers.schedules.LearningRateSchedule):
        def __call__(self, step: Any) -> Any:
            done = keras.ops.cast(step, "float32")
            return keras.ops.minimum((done + 1) / steps, 1.0) * after(keras.ops.maximum(done - steps, 0.0))

        def get_config(self) -> dict[str, Any]:
            return {"rate": rate, "steps": steps}

    return WarmUp()


def _constant(settings: Training) -> float:
    return settings.learning_rate


def _exponential(settings: Training) -> Call:
    arguments = {
        "initial_learning_rate": settings.learning_rate,
        "decay_steps": Epochs(settings.decay_epochs),
        "decay_rate": settings.decay_factor,
    }
    return Call("optimizers.schedules.ExponentialDecay", arguments)


def _step(settings: Training) -> Call:
    decay = _exponential(settings)
    return Call(decay.function, {**decay.arguments, "staircase": True})


def _cosine(settings: Training) -> Call:
    arguments = {"initial_learning_rate": settings.learning_rate, "decay_steps": Epochs(_epochs_after_warm_up(settings))}
    return Call("optimizers.schedules.CosineDecay", arguments)


def _cosine_with_restarts(settings: Training) -> Call:
    arguments = {
        "initial_learning_rate": settings.learning_rate,
        "first_decay_steps": Epochs(settings.decay_epochs),
        "t_mul": 1.0,
    }
    return Call("optimizers.schedules.CosineDecayRestarts", arguments)


def _one_cycle(settings: Training) -> Call:
    epochs = _epochs_after_warm_up(settings)
    arguments = {
        "initial_learning_rate": settings.learning_rate * FIRST_OF_CYCLE,
        "warmup_target": settings.learning_rate,
        "warmup_steps": Epochs(round(epochs * RISING, 6)),
        "decay_steps": Epochs(round(epochs * (1 - RISING), 6)),
    }
    return Call("optimizers.schedules.CosineDecay", arguments)


def _epochs_after_warm_up(settings: Training) -> int:
    return max(1, settings.epochs - settings.warm_up)


SCHEDULES: dict[Schedule, Callable[[Training], Call | float]] = {
    "constant": _constant,
    "step": _step,
    "exponential": _exponential,
    # Loshchilov & Hutter, 2017.
    "cosine": _cosine,
    "cosine-restarts": _cosine_with_restarts,
    # Smith & Topin, 2018: up in a line, down in a cosine.
    "one-cycle": _one_cycle,
    "plateau": _constant,
}
