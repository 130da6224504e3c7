"""Fused models put together by hand in plain Keras, as the fusion room names them."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from components.recipe import Member, Recipe

L = keras.layers


def recipe(*members: str, layout: str | None = None, **options: Any) -> Recipe:
    return Recipe(
        layout=layout,
        options=options,
        members=tuple(Member(name=name, sha256="0" * 64, file_name=f"{name}.keras") for name in members),
    )


def branch(name: str, widths: tuple[int, ...] = (8,), features: int = 6, classes: int = 3, **last: Any) -> keras.Model:
    x = keras.Input((features,))
    h = x
    for index, width in enumerate(widths, start=1):
        h = L.Dense(width, activation="tanh", name=f"{name}.dense-{index}")(h)
    last = {"activation": "softmax", **last}
    return keras.Model(x, L.Dense(classes, name=f"{name}.head", **last)(h), name=name)


def batch(samples: int = 64, features: int = 6, classes: int = 3) -> tuple[dict[str, np.ndarray], np.ndarray]:
    random = np.random.default_rng(0)
    return {"x": random.normal(size=(samples, features)).astype("float32")}, random.integers(0, classes, samples)
