"""Building without memory: every shape is known before one weight is allocated."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import keras
from keras.src.backend.common import global_state

from components.models import limits
from components.models.build import Call, build, call_plainly
from components.recipe import Refusal
from components.recipe.wording import shown

Initializer = Callable[..., Any]
"""Gives a variable's first value from its shape and dtype."""

_WAITING = "uninitialized_variables"
"""Where Keras lists, for each thread, what was made with a shape only."""


@contextmanager
def shapes_only() -> Iterator[None]:
    """The variables that are made within have a shape and no values, until `allocate` gives them to them."""
    global_state.set_global_attribute(_WAITING, [])
    try:
        with keras.StatelessScope(initialize_variables=False):
            yield
    except Exception:
        # Keras would allocate what still waits with the next model, whoever builds that.
        global_state.set_global_attribute(_WAITING, [])
        raise


def dry_build(configuration: dict[str, Any], call: Call = call_plainly) -> keras.Model:
    """Builds a scanned configuration with shapes only, as `build` does; `allocate` gives the model its weights.

    Raises:
        Refusal: when it cannot be built, has more parameters than allowed, or a layer produces more values for one sample.
    """
    with shapes_only():
        model = build(configuration, call)
        _check(model)
    return model


def allocate(model: keras.Model, first: Mapping[int, Initializer]) -> None:
    """Gives every variable of the model that was just built with shapes only its memory and first value.

    `first` are other initializers than its own for some of the variables, by their ids.
    """
    made_to_train = {id(variable) for layer in model._flatten_layers() for variable in layer._trainable_variables}
    for variable in global_state.get_global_attribute(_WAITING):
        variable._initializer = first.get(id(variable), variable._initializer)
        # TensorFlow keeps for good whether a variable was made to be trained, and frozen layers may be thawed.
        trainable, variable._trainable = variable._trainable, id(variable) in made_to_train
        variable._deferred_initialize()
        variable._trainable = trainable
    global_state.set_global_attribute(_WAITING, [])


def _check(model: keras.Model) -> None:
    if not model.built:
        raise Refusal(
            "The model was saved before it knew the shape of its input. Call it once on data, or start it with "
            "`keras.Input(shape=…)`, and save it again."
        )
    parameters = sum(math.prod(variable.shape) for variable in model.variables)
    if parameters > limits.PARAMETERS:
        raise Refusal(f"The model has {parameters:,} parameters; models of up to {limits.PARAMETERS:,} can be opened.")
    for layer in model._flatten_layers():
        for node in layer._inbound_nodes:
            for tensor in node.output_tensors:
                values = math.prod(length or 1 for length in tensor.shape)
                if values > limits.ACTIVATION_VALUES:
                    raise Refusal(
                        f"Layer {shown(layer.name)} produces {values:,} numbers for one sample; "
                        f"at most {limits.ACTIVATION_VALUES:,} can be worked with."
                    )
