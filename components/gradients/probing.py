"""How gradients are measured: plain values. Without Keras."""

from __future__ import annotations

from typing import Literal

from components.gradients.verdicts import Thresholds
from components.recipe import Document


class Probing(Document):
    """`steps` of plain training come first, on a copy; `thresholds` are those of the verdicts."""

    steps: Literal[0, 1, 10, 100] = 0
    thresholds: Thresholds = Thresholds()
