"""What a probe found: norms by layer, by branch's end and by edge."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import keras


@dataclass(frozen=True)
class Measured:
    """Norms are Euclidean, in float64; None where no gradient exists.

    `variables` has, for each owner, one norm for each of its trainable variables, and `gradients` the gradients themselves of
    those that have one. `activations` has, for each owner, the norm of the gradient with respect to what it gives, `dead`
    the share of its rectified units that are zero on the whole batch, None where nothing is rectified. `edges` has the norm of
    the gradient that comes up from one operation to another, by their names, where one comes.

    `ends` has the norm of the gradient with respect to what leaves each member's branch, where it exists; `output` that with
    respect to what leaves the model, which is None for a softmax or sigmoid right before its cross-entropy, since Keras derives
    the two as one. `agreement` has the cosine between the gradients of two outputs' losses on the weights that both reach, by
    the member (None for what is fused) and the outputs' positions. `forks` has the cosine between what two paths send up to a
    tensor of a member's branch, None where one of them sends 0.
    """

    loss: float
    variables: tuple[tuple[float | None, ...], ...]
    gradients: tuple[tuple[keras.Variable, Any], ...] = field(compare=False)
    activations: tuple[float | None, ...]
    dead: tuple[float | None, ...]
    edges: dict[tuple[str, str], float]
    ends: dict[str, float]
    output: float | None
    agreement: dict[tuple[str | None, int, int], float]
    forks: dict[tuple[str, str, str, str], float | None] = field(default_factory=dict)
