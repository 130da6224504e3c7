"""What a worker can be asked: each request is a function from plain values to plain values.

The rooms are imported within the functions' reach only: this module is loaded by workers, after their sandbox stands.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from components.store.files import Files


def warm_up() -> None:
    """Loads TensorFlow and runs one small model, so that the first request does not wait for it."""
    import keras
    import numpy as np

    keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)]).predict(np.zeros((1, 1)), verbose=0)


def requests(files: Files) -> dict[str, Callable[..., Any]]:
    """The request functions by name."""
    return {}
