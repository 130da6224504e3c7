"""Members that know other classes than the target has, or the same in another order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import Field

from components.fusion.lazy_keras import keras
from components.fusion.operator import alike, operator, vector
from components.fusion.signals import Signal, Tensor
from components.recipe import Refusal


def _reordered(signals: Sequence[Signal], options: Any) -> Signal:
    """Of logits no class may be missing; of probabilities that are left out the rest no longer sums to 1."""
    vector(signals, "Class order")
    given = signals[0]
    width = given.shape[0] or 0
    places = [place for place in options.order if place >= 0]
    if len(set(places)) < len(places) or any(place >= width for place in places):
        raise Refusal(f"A class order names each of {width} places once at most; received {options.order}.")
    if given.kind == "logits" and len(places) < len(options.order):
        raise Refusal("A class that a member does not know has no logit. Turn its logits into probabilities first.")
    kind = "sigmoid" if given.kind == "probabilities" and len(places) < width else given.kind
    return given._replace(shape=(len(options.order),), kind=kind)


@operator(
    title="Class order",
    summary="Brings a member's classes into the target's order; a class that it does not know gets probability 0.",
    formula="y_k = x_order(k), 0 where order(k) = −1",
    infer=_reordered,
    options={
        "order": Field(min_length=1, description="For each class of the target its place with the member, from 0; −1: unknown.")
    },
    failures=("A class that a member does not know is taken for impossible by it, and averages suffer: use the union.",),
)
def class_order(tensor: Tensor, order: tuple[int, ...], *, name: str) -> Tensor:
    """The chosen entries of a vector in this order, and 0 for those that it does not have."""
    width = tensor.shape[-1]
    with_nothing = keras.ops.pad(tensor, [[0, 0], [0, 1]]) if min(order) < 0 else tensor
    return keras.ops.take(with_nothing, [place if place >= 0 else width for place in order], axis=-1)


def _united(signals: Sequence[Signal], options: Any) -> Signal:
    vector(signals, "A union of label sets")
    united = alike(signals, options)
    if united.kind != "probabilities":
        raise Refusal(f"A union of label sets takes class probabilities; received {united.kind}. Convert the heads first.")
    return united


@operator(
    title="Union of label sets",
    summary="Each class takes the largest probability that a member who knows it gives, and all are brought to sum 1.",
    formula="p_k ∝ max over the members that know class k of p_m(k)",
    reference="Wu, Liu & Zhou, 2019",
    infer=_united,
    failures=(
        "A member that is shown a class it does not know is sure of a wrong one: calibrate the members.",
        "The gradient of a class flows to the member with the largest probability alone.",
    ),
    sign="∪",
)
def union(tensors: list[Tensor], *, name: str) -> Tensor:
    """The largest entries, divided by their sum; a member gives 0 to the classes that it does not know."""
    largest = keras.layers.Maximum(name=name)(tensors)
    return largest / (keras.ops.sum(largest, axis=-1, keepdims=True) + 1e-7)
