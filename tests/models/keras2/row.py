"""Sequential models from a list of layers."""

from __future__ import annotations

from collections.abc import Callable

from tensorflow import keras


def in_a_row(*layers: Callable[[], keras.layers.Layer] | keras.layers.Layer) -> Callable[[], keras.Model]:
    """A Sequential model of these layers, built when it is asked for."""
    return lambda: keras.Sequential(list(layers))
