"""The networks of the members on the shelf, untrained, in plain Keras."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
from keras import layers


def digits_mlp(x: np.ndarray) -> keras.Model:
    """64 numbers → 10 class probabilities."""
    return keras.Sequential(
        [
            keras.Input((64,), name="pixels"),
            layers.Dense(48, activation="relu", name="hidden"),
            layers.Dropout(0.2, name="dropout"),
            layers.Dense(10, activation="softmax", name="digit"),
        ],
        name="digits_mlp",
    )


def digits_cnn(x: np.ndarray) -> keras.Model:
    """Images of 8 × 8 → 10 logits."""
    image = keras.Input((8, 8, 1), name="image")
    flow = image
    for block, filters in enumerate((12, 24), start=1):
        flow = layers.Conv2D(filters, 3, padding="same", use_bias=False, name=f"conv_{block}")(flow)
        flow = layers.BatchNormalization(momentum=0.9, name=f"norm_{block}")(flow)
        flow = layers.ReLU(name=f"relu_{block}")(flow)
        flow = layers.MaxPooling2D(name=f"pool_{block}")(flow)
    flow = layers.Flatten(name="flatten")(flow)
    return keras.Model(image, layers.Dense(10, name="digit")(flow), name="digits_cnn")


def digits_gru(x: np.ndarray) -> keras.Model:
    """The 8 rows of an image, one after the other → 10 class probabilities."""
    rows = keras.Input((8, 8), name="rows")
    read = layers.GRU(32, name="gru")(rows)
    return keras.Model(rows, layers.Dense(10, activation="softmax", name="digit")(read), name="digits_gru")


def digits_dense(x: np.ndarray) -> keras.Model:
    """64 numbers through two layers of 64 units → 10 class probabilities; nothing but dense layers."""
    return keras.Sequential(
        [
            keras.Input((64,), name="pixels"),
            layers.Dense(64, activation="relu", name="hidden_1"),
            layers.Dense(64, activation="relu", name="hidden_2"),
            layers.Dense(10, activation="softmax", name="digit"),
        ],
        name="digits_dense",
    )


def digits_five(x: np.ndarray) -> keras.Model:
    """64 numbers → 5 class probabilities."""
    return keras.Sequential(
        [
            keras.Input((64,), name="pixels"),
            layers.Dense(32, activation="relu", name="hidden"),
            layers.Dense(5, activation="softmax", name="digit"),
        ],
        name="digits_five",
    )


def table(
    name: str, widths: tuple[int, ...], activation: str, last: str, units: int = 1
) -> Callable[[np.ndarray], keras.Model]:
    """Columns, standardised within the model, through dense layers of these widths to one number or to as many as `units`."""

    def build(x: np.ndarray) -> keras.Model:
        normalization = layers.Normalization(name="normalization")
        normalization.adapt(x)
        hidden = [layers.Dense(width, activation=activation, name=f"dense_{i}") for i, width in enumerate(widths, start=1)]
        head = layers.Dense(units, activation=last, name="prediction")
        return keras.Sequential([keras.Input((x.shape[1],), name="columns"), normalization, *hidden, head], name=name)

    return build
