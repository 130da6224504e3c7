"""Members that learn at a rate of their own: an optimizer in which each variable has a share of the learning rate."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from components.fusion.lazy_keras import keras


def rate_of(variable: Any) -> float:
    """A variable's share of the learning rate, as `branch` gives it to a member's."""
    return float(getattr(variable, "rate", 1.0))


def have_own_rates(variables: Iterable[Any]) -> bool:
    """Whether any of these variables has a share of the learning rate that is not 1."""
    return any(rate_of(variable) != 1 for variable in variables)


def with_own_rates(optimizer: str, **settings: Any) -> Any:
    """One of Keras' optimizers in which each variable learns at its own share of the learning rate, its attribute `rate`.

    All that the rate counts in has that share: the step, and the weight decay beside it. Gradients are clipped together, and
    averaged as ever. So each variable moves as under an optimizer of its own with the rate times its share.
    """
    plain: Any = getattr(keras.optimizers, optimizer)

    class OwnRates(plain):
        def build(self, variables: Any) -> None:
            if not self.built:
                # Keras decays all weights at one rate; here each is decayed with its step.
                self.decay: Any = self.weight_decay
                self.weight_decay: Any = None
                self.shares = [getattr(variable, "rate", 1.0) for variable in variables]
                super().build(variables)

        def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
            rate = keras.ops.cast(learning_rate, variable.dtype) * self.shares[self._get_variable_index(variable)]
            if self.decay:
                self.assign_sub(variable, variable * self.decay * rate)
            super().update_step(gradient, variable, rate)

    return OwnRates(**settings)
