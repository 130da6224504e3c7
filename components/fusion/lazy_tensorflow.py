"""TensorFlow, imported when it is first used, for the same reason as Keras is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.fusion.lazy_keras import Lazy

if TYPE_CHECKING:
    import tensorflow as tf
else:
    tf = Lazy("tensorflow")

__all__ = ["tf"]
