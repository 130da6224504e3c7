"""Members asked one after the other, until one is sure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import Field

from components.fusion.lazy_keras import keras
from components.fusion.operator import Gate, alike, operator, vector
from components.fusion.signals import Signal, Tensor
from components.recipe import Refusal

THRESHOLD = Field(ge=0, le=2, description="How probable the best class must be. At 0 the first answers, above 1 the last.")


def _sure(signals: Sequence[Signal], options: Any) -> Signal:
    vector(signals, "A confidence cascade")
    asked = alike(signals, options)
    if asked.kind != "probabilities":
        raise Refusal(f"A confidence cascade takes class probabilities; received {asked.kind}. Convert the heads first.")
    return asked


@operator(
    title="Confidence cascade",
    summary="The first member that is sure enough answers for the sample; where none is, the last one does.",
    formula="p = p_1 where max p_1 ≥ τ, else p_2 where max p_2 ≥ τ, …, else p_M",
    reference="Viola & Jones, 2001; Teerapittayanon et al., 2016",
    infer=_sure,
    options={
        "threshold": Field(ge=0, le=2, description="How probable the best class must be. 0: the first; above 1: the last.")
    },
    failures=(
        "A first member that is sure and wrong is never corrected: calibrate it first.",
        "The gradient of a sample flows to the member that answers alone.",
        "As one model all members are computed for every sample; time is saved only where they run apart.",
    ),
    sign="≥τ",
    gate=Gate("sure", in_turn=True),
)
def confidence_cascade(tensors: list[Tensor], threshold: float = 0.9, *, name: str) -> Tensor:
    """For each sample the first vector whose largest entry reaches the threshold, else the last vector."""
    answer = tensors[-1]
    for number, tensor in reversed(list(enumerate(tensors[:-1], start=1))):
        enough = keras.ops.greater_equal(keras.ops.max(tensor, axis=-1, keepdims=True), threshold)
        sure = keras.layers.Identity(name=f"{name}.sure-{number}")(enough)
        answer = keras.ops.where(sure, tensor, answer)
    return answer
