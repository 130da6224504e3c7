"""What a measurement leaves behind in memory."""

from __future__ import annotations

import gc

import keras
import tensorflow as tf

from components.gradients.probe import Probe
from tests.gradients.fused import batch, recipe


def tensors() -> int:
    """How many tensors are alive."""
    gc.collect()
    return sum(isinstance(each, tf.Tensor) for each in gc.get_objects())


def fused() -> keras.Model:
    """A model with layers that hand a gradient on as it is, among others: additions, biases, a linear activation."""
    inputs = keras.Input((6,), name="x")
    outputs = []
    for name in "ab":
        first = keras.layers.Dense(6, name=f"{name}.first")(inputs)
        linear = keras.layers.Activation("linear", name=f"{name}.linear")(first)
        summed = keras.layers.Add(name=f"{name}.sum")([first, linear])
        row = keras.layers.Reshape((6, 1), name=f"{name}.row")(summed)
        drawn = keras.layers.Conv1D(4, 3, padding="same", name=f"{name}.conv")(row)
        normal = keras.layers.BatchNormalization(name=f"{name}.norm")(drawn)
        rectified = keras.layers.ReLU(name=f"{name}.relu")(normal)
        kept = keras.layers.Dropout(0.0, name=f"{name}.drop")(rectified)
        again = keras.layers.Add(name=f"{name}.again")([kept, drawn])
        last = keras.layers.Dense(3, activation="softmax", name=f"{name}.out")(keras.layers.Flatten(name=f"{name}.flat")(again))
        outputs.append(keras.Model(inputs, last, name=name)(inputs))
    return keras.Model(inputs, keras.layers.Average(name="average")(outputs))


def test_a_measurement_leaves_no_tensors_behind() -> None:
    model = fused()
    inputs, target = batch()

    def measure() -> None:
        # A probe of its own each time, so that none is traced.
        Probe(recipe("a", "b"), model, keras.losses.SparseCategoricalCrossentropy())(inputs, target)

    measure()
    before = tensors()
    for _ in range(3):
        measure()
    assert tensors() == before
