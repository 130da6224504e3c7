"""TensorFlow Lite, also called LiteRT: one file of built-in operations alone, which every interpreter has."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from components.models.exports.signature import as_taken, input_signature
from components.recipe import Refusal

ONE_AT_A_TIME = (
    "This file takes one sample at a time, since TensorFlow Lite computes some layers of this model in no other way."
)


def write(model: keras.Model, path: Path, **settings: Any) -> Sequence[str]:
    """Writes a `.tflite` file for any number of samples, or for one where the layers allow no more.

    Args:
        model: The model.
        path: The file.
        settings: Of `tf.lite.TFLiteConverter`.

    Raises:
        Refusal: when TensorFlow Lite has no counterpart for what the model computes.
    """
    built_in = {"supported_ops": [tf.lite.OpsSet.TFLITE_BUILTINS]}
    error = ""
    for samples, notes in ((None, ()), (1, (ONE_AT_A_TIME,))):
        try:
            model.export(
                path,
                "litert",
                verbose=False,
                input_signature=[as_taken(input_signature(model, samples))],
                target_spec=built_in,
                **settings,
            )
        except Exception as wrong:
            # What the converter raises is in no public module, and derives from nothing else.
            error = str(wrong)
        else:
            return notes
    raise Refusal("TensorFlow Lite has no counterpart for what this model computes. Choose SavedModel instead.", error)


def predict(path: Path, inputs: Mapping[str, np.ndarray]) -> list[np.ndarray]:
    """The outputs of the written model in the model's order, from inputs by their names."""
    with warnings.catch_warnings():
        # It says that a later TensorFlow leaves the interpreter to a package of its own.
        warnings.simplefilter("ignore", UserWarning)
        interpreter = tf.lite.Interpreter(
            str(path), experimental_op_resolver_type=tf.lite.experimental.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
        )
    run = interpreter.get_signature_runner()
    if all(each["shape_signature"][0] == -1 for each in run.get_input_details().values()):
        found = run(**inputs)
    else:
        count = len(next(iter(inputs.values())))
        singly = [run(**{name: array[row : row + 1] for name, array in inputs.items()}) for row in range(count)]
        found = {name: np.concatenate([each[name] for each in singly]) for name in singly[0]}
    # They are called output_0, output_1 and so on.
    return [found[name] for name in sorted(found, key=lambda name: int(name.rpartition("_")[2]))]
