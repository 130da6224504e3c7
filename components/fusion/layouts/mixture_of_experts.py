"""A gate over the members' predictions."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from components.fusion.layout import layout
from components.fusion.operators.mixture_of_experts import BALANCE, TOP_K
from components.fusion.signals import describe, size
from components.fusion.writer import GraphWriter
from components.recipe import Refusal


@layout(
    title="Mixture of experts",
    family="output space",
    chinese="并联 · 混合专家",
    summary="Each member predicts for itself, and a trained gate decides from the sample how much each one counts.",
    formula="p = Σ g_m(x) p_m, g = softmax(W x + b), W = 0 at the start",
    reference="Jacobs et al., 1991; Shazeer et al., 2017; Fedus et al., 2022",
    options={
        "sees": Field(description="What the gate decides by: the first member's inputs, or all members' features."),
        "top_k": TOP_K,
        "balance": BALANCE,
    },
)
def mixture_of_experts(
    writer: GraphWriter, sees: Literal["inputs", "features"] = "inputs", top_k: int = 0, balance: float = 0.0
) -> None:
    """What the gate sees, and predictions side by side, into their gated mean."""
    fed = [writer.inputs(member) for member in writer.members]
    if sees == "inputs":
        seen = [_as_numbers(writer, reference) for reference in fed[0]]
    else:
        seen = [writer.features(member, inputs) for member, inputs in zip(writer.members, fed, strict=True)]
    gate = seen[0] if len(seen) == 1 else writer.operate("concatenate", seen, id="seen-by-the-gate")
    predictions = [writer.prediction(member, inputs) for member, inputs in zip(writer.members, fed, strict=True)]
    writer.output(writer.operate("mixture-of-experts", [gate, *predictions], top_k=top_k, balance=balance))


def _as_numbers(writer: GraphWriter, reference: str) -> str:
    """An input as a vector, every number of it where their count is known."""
    signal = writer.signal(reference)
    if not signal.dtype.startswith("float"):
        raise Refusal(
            f"{writer.members[0].name} takes {signal.dtype}, which a gate cannot weigh. Let the gate see the features instead."
        )
    if signal.is_vector or size(signal.shape) is None:
        return writer.as_vector(reference, "the-input")
    return writer.adapt("flatten", reference, f"a gate takes a vector and the input is {describe(signal.shape)}", "gate")
