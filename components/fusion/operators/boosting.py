"""Members that are added up, each correcting what the ones before it leave."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import Field

from components.fusion.lazy_keras import keras
from components.fusion.operator import alike, operator, vector
from components.fusion.signals import Signal, Tensor
from components.recipe import Refusal

RATE = Field(gt=0, le=1, description="How much each member after the first counts.")


def _sum(signals: Sequence[Signal], options: Any) -> Signal:
    vector(signals, "Boosting")
    given = alike(signals, options)
    if given.kind not in ("logits", "values"):
        raise Refusal(f"Boosting adds logits or numbers; received {given.kind}. Put a logarithm behind probabilities.")
    return given


@operator(
    title="Boosting",
    summary="The first member stands fixed, and the last learns what is still missing; what they say is added up.",
    formula="F = f_1 + ν (f_2 + … + f_M); the gradient reaches f_M alone",
    reference="Friedman, 2001",
    infer=_sum,
    options={"rate": RATE},
    failures=(
        "No gradient reaches the members before the last: they are not trained.",
        "The last member's own predictions count as corrections, and mean something else than they did when it was alone.",
    ),
    sign="+ν",
)
def boosting(tensors: list[Tensor], rate: float = 0.1, *, name: str) -> Tensor:
    """The first vector and, times `rate`, the others; all but the last are held fixed."""
    first, *others = [*map(keras.ops.stop_gradient, tensors[:-1]), tensors[-1]]
    steps = [
        keras.layers.Rescaling(rate, name=f"{name}.step-{number}")(tensor) for number, tensor in enumerate(others, start=2)
    ]
    return keras.layers.Add(name=name)([first, *steps])
