"""Mixed precision (Micikevicius et al., 2018): members compute with half the digits, on weights that keep all of theirs.

These functions name nothing but Keras and the standard library: the exported script shows them as they stand.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from components.fusion.lazy_keras import keras
from components.fusion.serialised import models_within


def compute_in(model: dict[str, Any], precision: str) -> None:
    """Lets a serialised model compute in another precision.

    What prepares inputs and what a model gives stay as they are: large numbers and probabilities near 1 need all digits.
    """
    config = model["config"]
    last = config["layers"][-1]["config"]["name"]
    ends = set(names_in(config.get("output_layers", [last, 0, 0])))
    for layer in config["layers"]:
        inner = list(models_within(layer))
        for each in inner:
            compute_in(each, precision)
        if not inner and layer["config"]["name"] not in ends and layer["class_name"] not in ("Normalization", "Rescaling"):
            set_policies(layer, precision)


def names_in(references: Any) -> Iterator[str]:
    """The layers that a serialised graph refers to as `[name, node, tensor]`, in whatever structure."""
    if isinstance(references, list) and len(references) == 3 and isinstance(references[0], str):
        yield references[0]
    elif isinstance(references, dict | list):
        for part in references.values() if isinstance(references, dict) else references:
            yield from names_in(part)


def set_policies(value: Any, precision: str) -> None:
    """Sets the policy of a serialised layer and of all within it, where it is plain float32."""
    if isinstance(value, dict):
        if value.get("class_name") == "DTypePolicy" and value["config"]["name"] == "float32":
            value["config"] = {"name": precision}
        for part in value.values():
            set_policies(part, precision)
    elif isinstance(value, list):
        for part in value:
            set_policies(part, precision)


def with_all_digits(tensor: Any, name: str) -> Any:
    """A tensor as float32; one that is not of lower precision is given back as it is."""
    if tensor.dtype not in ("float16", "bfloat16"):
        return tensor
    return keras.layers.Activation("linear", dtype="float32", name=name)(tensor)
