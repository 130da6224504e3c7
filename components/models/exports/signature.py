"""The inputs of an exported model: under names that every format takes."""

from __future__ import annotations

import re
from typing import Any

import keras
import numpy as np

ANY_LENGTH = 32
"""What stands for an axis of any length in samples that are made up."""


def input_names(model: keras.Model) -> list[str]:
    """The inputs' names in their order, as letters, digits and `_` alone, each once, whatever is upper or lower case."""
    names: list[str] = []
    for index, tensor in enumerate(model.inputs):
        plain = re.sub(r"[^a-z0-9]+", "_", tensor.name.lower()).strip("_")
        plain = plain if re.match("[a-z]", plain) else f"input_{plain}".rstrip("_")
        names.append(plain if plain not in names else f"{plain}_input_{index}")
    return names


def input_signature(model: keras.Model, samples: int | None = None) -> list[keras.InputSpec]:
    """What the exported model takes, for so many samples, by default for any number."""
    return [
        keras.InputSpec(shape=(samples, *tensor.shape[1:]), dtype=tensor.dtype, name=name)
        for tensor, name in zip(model.inputs, input_names(model), strict=True)
    ]


def as_taken(inputs: list[Any]) -> Any:
    """What a model with these inputs is called with: the one, or the list of several."""
    return inputs if len(inputs) > 1 else inputs[0]


def made_up_samples(model: keras.Model, count: int) -> dict[str, np.ndarray]:
    """So many samples for each input, by its exported name: between 0 and 1, whole numbers and text are 0 or 1."""
    random = np.random.default_rng(0)
    samples = {}
    for name, tensor in zip(input_names(model), model.inputs, strict=True):
        values = random.random((count, *(length or ANY_LENGTH for length in tensor.shape[1:])))
        kind = np.dtype("str" if tensor.dtype == "string" else tensor.dtype)
        samples[name] = (values if kind.kind == "f" else values.round()).astype(kind)
    return samples
