"""The hard sigmoid became flatter: clip(x / 5 + 1/2) up to Keras 2, clip(x / 6 + 1/2) since Keras 3.

A model of Keras 2 keeps its predictions when what enters the function grows by 6/5. Where a layer computes that from its own
weights, the weights take the factor; an `Activation` layer gets a `Rescaling` in front (see `components.models.translate`).
"""

from __future__ import annotations

from typing import Any

import keras
from keras.src.layers.convolutional.base_conv import BaseConv

from components.recipe import Refusal
from components.recipe.wording import shown

FACTOR = 6 / 5
NOTE = "The hard sigmoid of Keras 2 is steeper than today's, so the weights in front of it were scaled by 6/5."

GATES = {"LSTMCell": (4, (0, 1, 3)), "ConvLSTMCell": (4, (0, 1, 3)), "GRUCell": (3, (0, 1))}
"""How many blocks a cell's weights have along their last axis, and which of them enter the recurrent activation."""

WEIGHTED = (keras.layers.Dense, keras.layers.EinsumDense, BaseConv)


def steepen(model: keras.Model) -> bool:
    """Gives every hard sigmoid of a Keras 2 model its former slope; returns whether there was one.

    Raises:
        Refusal: where a layer applies it to something that its weights do not scale.
    """
    found = False
    for layer in model._flatten_layers(include_self=False):
        kind = type(layer).__name__
        if kind in GATES and layer.recurrent_activation is keras.activations.hard_sigmoid:
            _scale_gates(layer, *GATES[kind])
            found = True
        if getattr(layer, "activation", None) is not keras.activations.hard_sigmoid or not layer.weights:
            continue
        if not isinstance(layer, WEIGHTED):
            raise Refusal(
                f"Layer {shown(layer.name)} uses the hard sigmoid of Keras 2, which today's Keras computes in another way. "
                "Rebuild this layer with another activation and save the model again."
            )
        for variable in layer.weights:
            variable.assign(variable * FACTOR)
        found = True
    return found


def _scale_gates(cell: Any, blocks: int, scaled: tuple[int, ...]) -> None:
    factors = keras.ops.convert_to_tensor([FACTOR if block in scaled else 1.0 for block in range(blocks)])
    for variable in cell.weights:
        variable.assign(variable * keras.ops.repeat(factors, variable.shape[-1] // blocks))
