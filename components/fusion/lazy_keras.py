"""Keras, imported when it is first used.

Operators are described and checked in the web process, which must never load TensorFlow, and applied in a worker. They live in
one place all the same: their modules name `keras` through this proxy, which imports it when an operator is first applied.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras
else:

    class _Keras:
        def __getattr__(self, name: str) -> Any:
            return getattr(importlib.import_module("keras"), name)

    keras = _Keras()

__all__ = ["keras"]
