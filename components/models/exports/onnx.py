"""ONNX, by way of tf2onnx where it is installed."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from components.models.exports.signature import input_signature
from components.recipe import Refusal


def write(model: keras.Model, path: Path) -> Sequence[str]:
    """Writes an `.onnx` file for any number of samples.

    Not by `model.export`: there constants, such as those of a `Normalization`, become inputs of the file.

    Raises:
        Refusal: when ONNX has no counterpart for what the model computes.
    """
    signature = [tf.TensorSpec(each.shape, each.dtype, each.name) for each in input_signature(model)]
    convert = importlib.import_module("tf2onnx.convert").from_keras
    convert(model, input_signature=signature, output_path=str(path), custom_op_handlers={"Erfc": (_erfc, [])})
    try:
        importlib.import_module("onnx.checker").check_model(str(path))
    except Exception as wrong:
        # Its class is that of a package which may not be there.
        sentence = "ONNX has no counterpart for what this model computes. Choose SavedModel instead."
        raise Refusal(sentence, str(wrong)) from wrong
    return ()


def predict(path: Path, inputs: Mapping[str, np.ndarray]) -> list[np.ndarray] | None:
    """The outputs of the written model in the model's order, from inputs by their names; None without ONNX Runtime."""
    if importlib.util.find_spec("onnxruntime") is None:
        return None
    found: list[np.ndarray] = importlib.import_module("onnxruntime").InferenceSession(path).run(None, dict(inputs))
    return found


def _erfc(graph: Any, node: Any, name: str, arguments: object) -> None:
    """The complement of the error function, of which tf2onnx does not know that it is 1 - erf; exact GELU has it."""
    kind, shape = graph.get_dtype(node.output[0]), graph.get_shape(node.output[0])
    one = graph.make_const(f"{name}_one", np.ones((), np.float32)).output[0]
    graph.remove_node(node.name)
    complement = graph.make_node("Erf", node.input, shapes=[shape], dtypes=[kind]).output[0]
    graph.make_node("Sub", [one, complement], outputs=node.output, name=name, shapes=[shape], dtypes=[kind])
