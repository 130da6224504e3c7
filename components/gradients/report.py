"""What a gradient measurement says: plain values, no Keras."""

from __future__ import annotations

from typing import Literal

from components.recipe import Document

Verdict = Literal["healthy", "vanishing", "exploding", "frozen", "disconnected", "structurally zero", "not a number"]


class LayerGradient(Document):
    """One layer of a fused model. `member` is None for what is fused (heads, operators, adapters).

    `norm` is the Euclidean norm of the gradient over all of the layer's trainable variables, None where no gradient exists;
    `weight` that of the weights. `reason` says in one sentence where the verdict comes from.
    """

    layer: str
    member: str | None
    kind: str
    variables: int
    norm: float | None
    weight: float | None
    verdict: Verdict
    reason: str = ""


class GradientReport(Document):
    """One layout's gradients on the probe batch, layers from input to output; `shares` is each member's part of Σ norm²."""

    layout: str
    title: str
    samples: int
    loss: float
    layers: tuple[LayerGradient, ...]
    shares: dict[str, float] = {}
    verdict: Verdict
    summary: str = ""
