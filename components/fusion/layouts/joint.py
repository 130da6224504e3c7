"""One model with an input and an output for each member."""

from __future__ import annotations

import math

from pydantic import Field

from components.fusion.layout import layout
from components.fusion.writer import GraphWriter
from components.recipe import Refusal
from components.recipe.wording import shown


@layout(
    title="Joint",
    family="joint",
    chinese="联合 · 多输入多输出",
    summary="The members stay side by side in one model, each with an input and an output of its own, and train together.",
    formula="[x_1, …, x_M] → [p_1, …, p_M], L = Σ λ_m L_m",
    reference="Caruana, 1997",
    options={
        "loss_weights": Field(
            description="How much the loss of each member's output counts, in their order. Empty: each counts 1."
        )
    },
)
def joint(writer: GraphWriter, loss_weights: tuple[float, ...] = ()) -> None:
    """An input, a branch and an output for each member; of several targets each member has outputs for those it predicts."""
    weights = _checked(loss_weights or (1.0,) * len(writer.members), len(writer.members))
    able = [member for member in writer.members if len(writer.targets) == 1 or writer.predicts(member) is not None]
    if not able:
        raise Refusal(
            f"No member predicts “{shown(writer.data.target.name)}”. Say on the Data page what the members' outputs predict, "
            "or choose a layout that takes features, such as concatenate."
        )
    for member, weight in zip(writer.members, weights, strict=True):
        if member not in able:
            continue
        prediction = writer.prediction(member, writer.inputs(member, apart=True))
        writer.output(prediction, id=f"prediction-{member.name}", loss_weight=weight)


def _checked(weights: tuple[float, ...], members: int) -> tuple[float, ...]:
    if len(weights) != members:
        raise Refusal(f"One loss weight for each of {members} members is needed; received {len(weights)}. Give one for each.")
    if not all(math.isfinite(weight) and weight > 0 for weight in weights):
        received = ", ".join(f"{weight:g}" for weight in weights)
        raise Refusal(f"Loss weights must be above 0; received {received}. Freeze a member that is not to learn.")
    return weights
