"""How gradients are measured: plain values. Without Keras."""

from __future__ import annotations

from typing import Literal

from components.recipe import Document


class Probing(Document):
    """`steps` of plain training come first, on a copy."""

    steps: Literal[0, 1, 10, 100] = 0
