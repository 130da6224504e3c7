"""Building without memory: every shape is known before one weight is allocated."""

from __future__ import annotations

import math
from typing import Any

import keras

from components.models import limits
from components.models.build import build
from components.models.wording import shown
from components.recipe import Refusal


def dry_build(configuration: dict[str, Any]) -> None:
    """Builds a scanned configuration with shapes only.

    Raises:
        Refusal: when it cannot be built, has more parameters than allowed, or a layer produces more values for one sample.
    """
    with keras.StatelessScope(initialize_variables=False):
        model = build(configuration)
        if not model.built:
            raise Refusal(
                "The model was saved before it knew the shape of its input. Call it once on data, or start it with "
                "`keras.Input(shape=…)`, and save it again."
            )
        parameters = sum(math.prod(variable.shape) for variable in model.variables)
        if parameters > limits.PARAMETERS:
            raise Refusal(f"The model has {parameters:,} parameters; models of up to {limits.PARAMETERS:,} can be opened.")
        for layer in [model, *model._flatten_layers(include_self=False)]:
            for node in layer._inbound_nodes:
                for tensor in node.output_tensors:
                    values = math.prod(length or 1 for length in tensor.shape)
                    if values > limits.ACTIVATION_VALUES:
                        raise Refusal(
                            f"Layer {shown(layer.name)} produces {values:,} numbers for one sample; "
                            f"at most {limits.ACTIVATION_VALUES:,} can be worked with."
                        )
