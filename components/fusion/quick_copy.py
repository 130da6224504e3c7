"""The copy of a member for its branch, in half the time: every variable is made with its value, none at random before."""

from __future__ import annotations

from typing import Any

import keras

from components.models.dry_build import Initializer, allocate, shapes_only
from components.models.weights import finalize


def quick_copy(model: keras.Model, serialised: dict[str, Any]) -> keras.Model:
    """Gives what `branch.copy_of` gives: a serialised model anew, with the weights of the model that it was made from."""
    with shapes_only():
        copy = keras.saving.deserialize_keras_object(serialised, safe_mode=True)
    allocate(copy, {id(new): _value_of(old) for new, old in zip(copy.weights, model.weights, strict=True)})
    finalize(copy)
    return copy


def _value_of(variable: keras.Variable) -> Initializer:
    return lambda shape, dtype: variable.value
