"""Passes through models that leave them as they were."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import keras
import tensorflow as tf


@contextlib.contextmanager
def left_as_it_was(*models: keras.Model) -> Iterator[None]:
    """Puts back all that passes through models move: moving statistics and random seeds, each once where models share it."""
    values = list({id(variable): variable.value for model in models for variable in model.non_trainable_variables}.values())
    kept = [tf.identity(value) for value in values]
    try:
        yield
    finally:
        for value, was in zip(values, kept, strict=True):
            value.assign(was)
