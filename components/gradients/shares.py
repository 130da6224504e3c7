"""How the gradient divides among the members. Without Keras."""

from __future__ import annotations

from collections.abc import Iterable

from components.gradients.report import LayerGradient


def shares(layers: Iterable[LayerGradient]) -> dict[str, float]:
    """Each member's part g_m² / Σ g² of the gradient that reaches the members, where g_m² is the sum over its layers.

    A member without any gradient (frozen, disconnected, not a number) has no share; nor has anyone where all are zero.
    """
    squares: dict[str, float] = {}
    for layer in layers:
        if layer.member is not None and layer.norm is not None:
            squares[layer.member] = squares.get(layer.member, 0.0) + layer.norm**2
    total = sum(squares.values())
    return {member: square / total for member, square in squares.items()} if total > 0 else {}
