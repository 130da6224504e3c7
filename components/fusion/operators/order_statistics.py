"""For each entry one value, or a few, of those that the members give, by their order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import Field

from components.fusion.lazy_keras import keras
from components.fusion.operator import alike, operator
from components.fusion.signals import Signal, Tensor
from components.recipe import Refusal


def _ordered(signals: Sequence[Signal], options: Any) -> Signal:
    """Probabilities taken class by class no longer sum to 1: each is the answer to yes or no for its class."""
    chosen = alike(signals, options)
    return chosen._replace(kind="sigmoid") if chosen.kind == "probabilities" else chosen


@operator(
    title="Maximum",
    summary="Takes for each class the largest value that any member gives.",
    formula="y = max_m y_m",
    reference="Kittler et al., 1998",
    infer=_ordered,
    failures=("The gradient flows to the largest member alone.", "One member that is sure and wrong decides."),
    sign="max",
)
def maximum(tensors: list[Tensor], *, name: str) -> Tensor:
    """The largest of the members' values, entry by entry."""
    return keras.layers.Maximum(name=name)(tensors)


@operator(
    title="Minimum",
    summary="Takes for each class the smallest value that any member gives.",
    formula="y = min_m y_m",
    reference="Kittler et al., 1998",
    infer=_ordered,
    failures=(
        "The gradient flows to the smallest member alone.",
        "Where members contradict each other with certainty, nothing is left to share out.",
    ),
    sign="min",
)
def minimum(tensors: list[Tensor], *, name: str) -> Tensor:
    """The smallest of the members' values, entry by entry."""
    return keras.layers.Minimum(name=name)(tensors)


@operator(
    title="Median",
    summary="Takes for each class the value in the middle; of an even number of members the mean of the two in the middle.",
    formula="y = median_m y_m",
    reference="Kittler et al., 1998",
    infer=_ordered,
    failures=("The gradient flows to the member or the two members in the middle alone.", "Of two members it is the mean."),
    sign="med",
)
def median(tensors: list[Tensor], *, name: str) -> Tensor:
    """The median of the members' values, entry by entry."""
    return keras.ops.median(keras.ops.stack(tensors, axis=1), axis=1)


def _some_remain(signals: Sequence[Signal], options: Any) -> Signal:
    if len(signals) <= 2 * options.cut:
        raise Refusal(
            f"Without the {options.cut} lowest and the {options.cut} highest of {len(signals)} members none is left. "
            f"Choose {2 * options.cut + 1} members or more, or cut fewer."
        )
    return _ordered(signals, options)


@operator(
    title="Trimmed mean",
    summary="Leaves out the lowest and the highest values of each class and averages the rest.",
    formula="y = mean of y_(k+1) … y_(M−k)",
    reference="Tumer & Ghosh, 1999",
    infer=_some_remain,
    options={"cut": Field(ge=1, le=7, description="How many members are left out at each end.")},
    failures=("Where few members are right, they are the ones left out.", "No gradient flows to members left out."),
    sign="trim",
)
def trimmed_mean(tensors: list[Tensor], cut: int = 1, *, name: str) -> Tensor:
    """The mean of the members' values without the lowest and the highest, entry by entry."""
    ordered = keras.ops.sort(keras.ops.stack(tensors, axis=-1), axis=-1)
    return keras.ops.mean(ordered[..., cut : len(tensors) - cut], axis=-1)
