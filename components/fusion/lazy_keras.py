"""Keras, imported when it is first used.

Operators are described and checked in the web process, which must never load TensorFlow, and applied in a worker. They live in
one place all the same: their modules name `keras` through this proxy, which imports it when an operator is first applied.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any


class Lazy:
    """Stands for a module, which is imported when one of its names is first asked for."""

    def __init__(self, module: str) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Any:
        return getattr(importlib.import_module(self._module), name)


if TYPE_CHECKING:
    import keras
else:
    keras = Lazy("keras")

__all__ = ["Lazy", "keras"]
