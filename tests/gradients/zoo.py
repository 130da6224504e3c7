"""Small models of every kind that the gradients are measured on, smooth everywhere so that differences converge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from components.gradients.probe import Loss

L = keras.layers


@dataclass(frozen=True)
class Case:
    model: keras.Model
    inputs: dict[str, np.ndarray]
    target: np.ndarray
    losses: tuple[Loss, ...]


def _case(model: keras.Model, arrays: list[np.ndarray], target: np.ndarray, *losses: Loss) -> Case:
    return Case(model, {tensor.name: array for tensor, array in zip(model.inputs, arrays, strict=True)}, target, losses)


def _normal(*shape: int) -> np.ndarray:
    return np.random.default_rng(len(shape)).normal(size=shape).astype(keras.config.floatx())


def _classes(samples: int, classes: int) -> np.ndarray:
    return np.random.default_rng(7).integers(0, classes, samples)


def _cross_entropy() -> Loss:
    return keras.losses.SparseCategoricalCrossentropy(dtype=keras.config.floatx())


def _squared() -> Loss:
    return keras.losses.MeanSquaredError(dtype=keras.config.floatx())


def dense() -> Case:
    x = keras.Input((4,))
    h = L.Dense(5, activation="tanh", kernel_regularizer=keras.regularizers.L2(0.1))(x)
    h = L.Dense(3, activation="gelu", activity_regularizer=keras.regularizers.L2(0.1))(h)
    return _case(keras.Model(x, L.Dense(3, activation="softmax")(h)), [_normal(6, 4)], _classes(6, 3), _cross_entropy())


def cnn() -> Case:
    x = keras.Input((5, 5, 1))
    h = L.BatchNormalization()(L.Conv2D(2, 3, activation="tanh")(x))
    h = L.GlobalAveragePooling2D()(L.DepthwiseConv2D(2, activation="softplus")(h))
    return _case(keras.Model(x, L.Dense(1)(h)), [_normal(6, 5, 5, 1)], _normal(6, 1), _squared())


def rnn() -> Case:
    x = keras.Input((4, 2))
    h = L.TimeDistributed(L.Dense(2))(L.Bidirectional(L.GRU(2, return_sequences=True))(x))
    h = L.RNN([L.LSTMCell(2), L.SimpleRNNCell(2)])(h)
    return _case(keras.Model(x, L.Dense(1)(h)), [_normal(5, 4, 2)], _normal(5, 1), _squared())


def attention() -> Case:
    x = keras.Input((3, 2))
    h = L.LayerNormalization()(L.Add()([x, L.MultiHeadAttention(2, 2)(x, x)]))
    return _case(keras.Model(x, L.Dense(1)(L.Flatten()(h))), [_normal(5, 3, 2)], _normal(5, 1), _squared())


def embedding() -> Case:
    x = keras.Input((4,), dtype="int32")
    table = L.Embedding(7, 3)
    h = L.GlobalAveragePooling1D()(L.Add()([table(x), table(keras.ops.flip(x, axis=1))]))
    ids = np.array([[1, 1, 1, 2], [2, 1, 3, 3], [5, 5, 5, 5]], "int32")
    return _case(keras.Model(x, L.Dense(2, activation="softmax")(h)), [ids], _classes(3, 2), _cross_entropy())


def several_outputs() -> Case:
    a, b = keras.Input((3,)), keras.Input((2,))
    shared = L.Dense(3, activation="tanh")(L.Concatenate()([a, b]))
    outputs = [L.Dense(3, activation="softmax")(shared), L.Dense(1)(shared)]
    return _case(keras.Model([a, b], outputs), [_normal(6, 3), _normal(6, 2)], _classes(6, 3), _cross_entropy(), _squared())


def shared_layer() -> Case:
    x = keras.Input((3,))
    layer = L.Dense(3, activation="tanh")
    return _case(keras.Model(x, L.Dense(1)(layer(layer(layer(x))))), [_normal(6, 3)], _normal(6, 1), _squared())


def nested() -> Case:
    def branch(name: str) -> keras.Model:
        rows = [L.Dense(3, activation="tanh", name="dense"), L.BatchNormalization(name="norm")]
        inner = keras.Sequential([keras.Input((3,)), *rows], name="inner")
        x = keras.Input((3,))
        # What is said of training here, Keras does not heed in training.
        return keras.Model(x, L.Dense(2, name="dense")(inner(x, training=False)), name=name)

    x = keras.Input((3,))
    one, two = branch("one"), branch("two")
    frozen = branch("three")
    frozen.trainable = False
    h = L.Concatenate()([one(x), two(x), frozen(x)])
    return _case(keras.Model(x, L.Dense(1)(h)), [_normal(6, 3)], _normal(6, 1), _squared())


ZOO: tuple[Callable[[], Case], ...] = (dense, cnn, rnn, attention, embedding, several_outputs, shared_layer, nested)


def training_loss(case: Case) -> Callable[[], Any]:
    """Gives the loss as Keras' own training step computes it."""
    case.model.compile(loss=list(case.losses))
    arrays = [tf.constant(array) for array in case.inputs.values()]
    inputs = arrays if len(arrays) > 1 else arrays[0]
    several = len(case.losses) > 1

    def loss() -> Any:
        outputs = case.model(inputs, training=True)
        return case.model.compute_loss(x=inputs, y=[case.target] * len(outputs) if several else case.target, y_pred=outputs)

    return loss
