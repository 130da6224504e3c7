"""One verdict and one sentence for a whole layout. Without Keras."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from components.gradients.report import LayerGradient, Verdict
from components.gradients.shares import shares
from components.gradients.verdicts import number, times

Layers = Sequence[LayerGradient]

UNEVEN = 10.0
"""From this factor between two members' gradients on, the sentence says so."""


def layout_verdict(layers: Layers, bottleneck: str = "") -> tuple[Verdict, str]:
    """The gravest verdict among the layers (frozen only where all are), and the sentence that says most about it.

    Args:
        layers: The judged layers, from input to output.
        bottleneck: What stands between the branches of `uneven_pair` and narrows the gradient; empty for nothing.
    """
    found = {layer.verdict for layer in layers} or {"frozen"}
    verdict = next(verdict for verdict in SENTENCES if verdict in found)
    return verdict, SENTENCES[verdict]([layer for layer in layers if layer.verdict != "frozen"], bottleneck)


def _not_a_number(layers: Layers, bottleneck: str) -> str:
    return f"{_count('not a number', layers)} without a finite number, first {_of('not a number', layers)[0].layer}."


def _exploding(layers: Layers, bottleneck: str) -> str:
    worst = max(_of("exploding", layers), key=lambda layer: layer.norm or 0.0)
    return f"The gradient explodes in {_count('exploding', layers)}, most in {worst.layer}: {worst.reason}"


def _vanishing(layers: Layers, bottleneck: str) -> str:
    uneven = _uneven(layers, bottleneck)
    if uneven:
        return uneven
    weakest = min(_of("vanishing", layers), key=lambda layer: layer.norm or 0.0)
    return f"The gradient fades in {_count('vanishing', layers)}, most in {weakest.layer}: {weakest.reason}"


def _dead_units(layers: Layers, bottleneck: str) -> str:
    worst = max(_of("dead units", layers), key=lambda layer: layer.dead or 0.0)
    return f"Units never answer in {_count('dead units', layers)}, most in {worst.layer}: {worst.reason}"


def _disconnected(layers: Layers, bottleneck: str) -> str:
    return f"No gradient reaches {_count('disconnected', layers)}, first {_of('disconnected', layers)[0].layer}."


def _structurally_zero(layers: Layers, bottleneck: str) -> str:
    silent = _of("structurally zero", layers)
    return f"{_count('structurally zero', layers)} without gradient, first {silent[0].layer}. {silent[0].reason}"


def _healthy(layers: Layers, bottleneck: str) -> str:
    trainable = len(layers)
    reached = "the only trainable layer" if trainable == 1 else f"all {trainable} trainable layers"
    return f"The gradient reaches {reached}. {_uneven(layers, bottleneck)}".strip()


def _frozen(layers: Layers, bottleneck: str) -> str:
    return "Every layer is frozen: nothing is left to train."


SENTENCES: dict[Verdict, Callable[[Layers, str], str]] = {
    "not a number": _not_a_number,
    "exploding": _exploding,
    "vanishing": _vanishing,
    "dead units": _dead_units,
    "disconnected": _disconnected,
    "structurally zero": _structurally_zero,
    "healthy": _healthy,
    "frozen": _frozen,
}
"""From the gravest verdict to the mildest, what is said of a layout that has it."""


def uneven_pair(layers: Layers) -> tuple[str, str] | None:
    """The weakest and the strongest member, where their gradients differ much."""
    parts = {member: share for member, share in shares(layers).items() if share > 0}
    if len(parts) < 2:
        return None
    weak, strong = min(parts, key=parts.__getitem__), max(parts, key=parts.__getitem__)
    return (weak, strong) if parts[strong] >= UNEVEN**2 * parts[weak] else None


def _uneven(layers: Layers, bottleneck: str) -> str:
    """The sentence on the weakest member beside the strongest, where they differ much; else empty."""
    pair = uneven_pair(layers)
    if pair is None:
        return ""
    (weak, strong), parts = pair, shares(layers)
    factor = math.sqrt(parts[strong] / parts[weak])
    return f"{weak} gets a gradient {times(factor)} weaker than {strong}{f': {bottleneck}' if bottleneck else ''}."


def _of(verdict: Verdict, layers: Layers) -> list[LayerGradient]:
    return [layer for layer in layers if layer.verdict == verdict]


def _count(verdict: Verdict, layers: Layers) -> str:
    return f"{number(len(_of(verdict, layers)))} of {len(layers)} layers"
