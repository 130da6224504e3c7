"""A gate that decides from the sample which member to believe."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import Field

from components.fusion.lazy_keras import keras
from components.fusion.operator import Gate, alike, operator, vector
from components.fusion.signals import Signal, Tensor
from components.recipe import Refusal

TOP_K = Field(ge=0, le=16, description="How many members answer for a sample; 0: all of them.")
BALANCE = Field(ge=0, le=10, description="How strongly the loss asks that every member is used; 0: not at all.")


def _gated(signals: Sequence[Signal], options: Any) -> Signal:
    vector(signals, "A gate")
    if len(signals) < 3:
        raise Refusal(f"A gate takes what it sees and 2 predictions or more; received {len(signals)} inputs in all.")
    if options.top_k == 1:
        raise Refusal("With the top 1 alone a gate is 1 whatever it scores, and cannot learn. Keep 2 or more, or 0 for all.")
    return alike(signals[1:], options)


@operator(
    title="Mixture of experts",
    summary="A trained gate sees the sample and decides how much each member counts; at the start all count the same.",
    formula="p = Σ g_m(x) p_m, g = softmax(W x + b), W = 0 and b = 0 at the start; loss += λ M Σ f_m P_m",
    reference="Jacobs et al., 1991; Shazeer et al., 2017; Fedus et al., 2022",
    infer=_gated,
    options={"top_k": TOP_K, "balance": BALANCE},
    failures=(
        "The gate can settle on one member for every sample; the others then learn no more. The balance loss works against it.",
        "As one model all members are computed for every sample, whatever the gate says.",
    ),
    sign="g(x)",
    gate=Gate("kept"),
)
def mixture_of_experts(tensors: list[Tensor], top_k: int = 0, balance: float = 0.0, *, name: str) -> Tensor:
    """The mean of vectors under weights that a dense layer gives from the first tensor.

    In the balance loss `f_m` is the share of the batch's samples for which member m has the largest gate, and `P_m` its mean
    gate before the others are cut off.
    """
    seen, *predictions = tensors
    experts = len(predictions)
    scores = keras.layers.Dense(experts, kernel_initializer="zeros", name=name)(seen)
    gates = keras.layers.Softmax(name=f"{name}.gates")(scores)
    if balance:
        chosen = keras.ops.one_hot(keras.ops.argmax(scores, axis=-1), experts)
        used = keras.ops.mean(chosen, axis=0, keepdims=True) * keras.ops.mean(gates, axis=0, keepdims=True)
        loss = keras.layers.ActivityRegularization(l1=balance * experts, name=f"{name}.balance")(used)
        # Nothing is added to the scores: a layer takes part in a model only where something leads on from it.
        scores = scores + 0.0 * loss
    if 0 < top_k < experts:
        least = keras.ops.top_k(scores, top_k)[0][:, -1:]
        scores = keras.ops.where(keras.ops.greater_equal(scores, least), scores, -1e9)
    kept = keras.layers.Softmax(name=f"{name}.kept")(scores)
    return keras.layers.Dot(axes=1, name=f"{name}.sum")([kept, keras.ops.stack(predictions, axis=1)])
