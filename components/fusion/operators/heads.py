"""Adapters between heads: logits, probabilities, yes/no probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from components.fusion.lazy_keras import keras
from components.fusion.operator import operator, vector
from components.fusion.signals import Kind, Signal, Tensor, describe
from components.recipe import Refusal


def _expect(signal: Signal, title: str, kinds: tuple[Kind, ...], units: int | None = None) -> None:
    vector([signal], title)
    if signal.kind not in kinds or (units is not None and signal.shape != (units,)):
        wanted = f"{units} {kinds[0]}" if units else kinds[0]
        raise Refusal(f"{title} takes {wanted}; received {describe(signal.shape)} that are {signal.kind}.")


def _from_logits(signals: Sequence[Signal], options: Any) -> Signal:
    _expect(signals[0], "Softmax", ("logits",))
    return signals[0]._replace(kind="probabilities")


@operator(
    title="Softmax",
    summary="Turns logits into class probabilities.",
    formula="p_k = exp z_k / Σ exp z_j",
    infer=_from_logits,
    failures=("On probabilities instead of logits it flattens them: no class can pass e/(e+K−1).",),
)
def softmax(tensor: Tensor, *, name: str) -> Tensor:
    """Probabilities from logits."""
    return keras.layers.Softmax(name=name)(tensor)


def _to_logits(signals: Sequence[Signal], options: Any) -> Signal:
    _expect(signals[0], "Logarithm", ("probabilities",))
    return signals[0]._replace(kind="logits")


@operator(
    title="Logarithm",
    summary="Turns class probabilities into logits; a probability below 1e-7 counts as 1e-7.",
    formula="z_k = log max(p_k, 1e-7)",
    infer=_to_logits,
    failures=("A member that gives a class no chance at all vetoes it, hence the bound.",),
)
def log(tensor: Tensor, *, name: str) -> Tensor:
    """Logits from probabilities."""
    return keras.ops.log(keras.ops.clip(tensor, 1e-7, 1.0))


def _to_yes_no(signals: Sequence[Signal], options: Any) -> Signal:
    _expect(signals[0], "Sigmoid", ("values", "logits"))
    return signals[0]._replace(kind="sigmoid")


@operator(
    title="Sigmoid",
    summary="Turns a score into a yes/no probability.",
    formula="p = 1 / (1 + exp −z)",
    infer=_to_yes_no,
)
def sigmoid(tensor: Tensor, *, name: str) -> Tensor:
    """A probability for each score."""
    return keras.layers.Activation("sigmoid", name=name)(tensor)


def _to_two(signals: Sequence[Signal], options: Any) -> Signal:
    _expect(signals[0], "Two classes", ("sigmoid",), 1)
    return signals[0]._replace(shape=(2,), kind="probabilities")


@operator(
    title="Two classes",
    summary="Writes one yes/no probability as the probabilities of two classes.",
    formula="[1 − p, p]",
    infer=_to_two,
)
def two_classes(tensor: Tensor, *, name: str) -> Tensor:
    """The probabilities of no and of yes."""
    no = keras.layers.Rescaling(-1.0, 1.0, name=f"{name}.no")(tensor)
    return keras.layers.Concatenate(name=name)([no, tensor])


def _to_one(signals: Sequence[Signal], options: Any) -> Signal:
    _expect(signals[0], "Second class", ("probabilities",), 2)
    return signals[0]._replace(shape=(1,), kind="sigmoid")


@operator(
    title="Second class",
    summary="Keeps the probability of the second of two classes.",
    formula="p = p_2",
    infer=_to_one,
)
def second_class(tensor: Tensor, *, name: str) -> Tensor:
    """One yes/no probability from the probabilities of two classes."""
    return tensor[:, 1:]


def _to_shares(signals: Sequence[Signal], options: Any) -> Signal:
    _expect(signals[0], "Shares", ("sigmoid",))
    if signals[0].shape == (1,):
        raise Refusal("Shares takes yes/no probabilities of 2 classes or more; received 1. Use two classes instead.")
    return signals[0]._replace(kind="probabilities")


@operator(
    title="Shares",
    summary="Divides the yes/no probabilities of several classes by their sum, so that they sum to 1.",
    formula="p_k / Σ p_j",
    infer=_to_shares,
    failures=("Where every class is denied, the shares are noise.",),
)
def shares(tensor: Tensor, *, name: str) -> Tensor:
    """Probabilities that sum to 1."""
    return tensor / (keras.ops.sum(tensor, axis=-1, keepdims=True) + 1e-7)
