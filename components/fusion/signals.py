"""What flows along an edge of a fusion graph, known without Keras."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from components.recipe import Shape

Kind = Literal["probabilities", "logits", "sigmoid", "values", "features"]
"""What the numbers mean: class probabilities, scores before a softmax, one or more yes/no probabilities, plain numbers, or
features on which no meaning has been put."""

Tensor = Any
"""A Keras tensor. Operators are read in processes that must not load Keras, so its type is not named."""


class Signal(NamedTuple):
    """A tensor on an edge: its shape without the batch axis, its dtype and what its numbers mean."""

    shape: Shape
    dtype: str = "float32"
    kind: Kind = "values"

    @property
    def is_vector(self) -> bool:
        """Whether one sample is a plain list of numbers of known length."""
        return len(self.shape) == 1 and self.shape[0] is not None


def size(shape: Shape) -> int | None:
    """How many numbers one sample holds; None where an axis has any length."""
    return None if None in shape else math.prod(axis for axis in shape if axis is not None)


def describe(shape: Shape) -> str:
    """A shape in words: `64 numbers`, `8 × 8 × 1`, `any length × 10`."""
    if len(shape) == 1 and shape[0] is not None:
        return "1 number" if shape == (1,) else f"{shape[0]:,} numbers"
    return " × ".join("any length" if axis is None else str(axis) for axis in shape) or "1 number"


def listed(words: Sequence[str]) -> str:
    """Words as a sentence lists them: `a, b and c`."""
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)
