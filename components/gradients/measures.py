"""The numbers by which layers are compared: each is one entry of a table. Without Keras."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from components.gradients.report import LayerGradient


@dataclass(frozen=True)
class Measure:
    """One number of a layer, None where it is undefined; `sentence` says what it tells."""

    title: str
    sentence: str
    value: Callable[[LayerGradient], float | None]


def ratio(layer: LayerGradient) -> float | None:
    """The gradient's norm over the weights'."""
    return layer.norm / layer.weight if layer.norm is not None and layer.weight else None


MEASURES: dict[str, Measure] = {
    "norm": Measure(
        "Gradient", "‖g‖: how strongly the loss depends on the layer's trainable weights.", lambda layer: layer.norm
    ),
    "ratio": Measure("Gradient / weights", "‖g‖ / ‖w‖: the gradient, measured by the size of the weights it moves.", ratio),
    "update": Measure(
        "Update / weights",
        "‖Δw‖ / ‖w‖ of the optimizer's first step at its learning rate; about 0.001 is usual, far more unlearns.",
        lambda layer: layer.update,
    ),
    "activation": Measure(
        "Activation gradient",
        "‖∂L/∂y‖: how strongly the loss depends on what the layer gives, frozen layers included where a gradient comes up.",
        lambda layer: layer.activation,
    ),
}
"""By name, in the order in which they are offered; the first is the usual one."""
