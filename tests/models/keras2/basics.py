"""What most files hold, in short: ordinary layers in a row, and ordinary graphs."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers as L

from tests.models.keras2.row import in_a_row

Input, Model, Sequential = keras.Input, keras.Model, keras.Sequential


def residual() -> Model:
    x = Input((6,))
    a = L.Dense(6, activation="relu")(x)
    b = L.Add()([x, a])
    c = L.Average()([L.Multiply()([b, a]), b])
    d = L.Subtract()([L.Maximum()([c, a]), L.Minimum()([c, b])])
    return Model(x, L.Concatenate()([L.Dot(axes=1)([d, b]), c, b]))


def nested() -> Model:
    inner = Sequential([L.Dense(4, activation="tanh", input_shape=(5,)), L.BatchNormalization(), L.Dense(4)], name="inner")
    a, b = Input((5,)), Input((5,))
    return Model([a, b], L.Dense(2, activation="softmax")(L.Concatenate()([inner(a), inner(b)])))


def nested_with_two_outputs() -> Model:
    y = Input((5,))
    inner = Model(y, [L.Dense(4)(y), L.Dense(4)(y)], name="inner")
    x = Input((5,))
    (u, v), (w, z) = inner(x), inner(L.Dense(5)(x))
    return Model(x, [L.Add()([u, w]), L.Add()([v, z])])


def nested_at_the_end() -> Model:
    y, x = Input((5,)), Input((5,))
    return Model(x, Model(y, L.Dense(3)(L.BatchNormalization()(y)), name="inner")(L.Dense(5)(x)))


def shared() -> Model:
    dense, a, b = L.Dense(4), Input((5,)), Input((5,))
    return Model([a, b], L.Dense(1)(L.Add()([dense(a), dense(b)])))


def frozen_base() -> Model:
    base = Sequential([L.Conv2D(3, 3, input_shape=(8, 8, 1)), L.BatchNormalization(), L.ReLU()])
    base.trainable = False
    return Sequential([base, L.GlobalAveragePooling2D(), L.Dense(2, activation="softmax")])


def attention() -> Model:
    x, context = Input((6, 8)), Input((4, 8))
    y = L.LayerNormalization()(L.Add()([L.MultiHeadAttention(2, 4)(x, x), x]))
    y = L.MultiHeadAttention(2, 4)(query=y, value=context, key=context)
    return Model([x, context], [L.Flatten()(y), L.Attention()([x, context]), L.AdditiveAttention()([x, context])])


def arithmetic() -> Model:
    x = Input((4,))
    y = tf.nn.relu(x * 2.0 + 1.0) - x
    y = tf.concat([y / (tf.abs(x) + 1.0), x], axis=-1)
    return Model(x, [tf.reduce_mean(y, axis=1, keepdims=True), 1.0 - y, 2.0 / (tf.sigmoid(y) + 0.5), tf.pow(y, 2.0)])


def shapes() -> Model:
    x = Input((4, 3))
    y = x[:, 1:, :2]
    z = tf.matmul(y, tf.transpose(y, [0, 2, 1]))
    z = tf.reshape(tf.squeeze(tf.expand_dims(z, -1), -1), [-1, 9])
    z = tf.clip_by_value(tf.exp(-tf.square(tf.cast(z, "float32"))), 0.1, 0.9)
    return Model(x, [L.Dense(2)(z), x[..., 0], x[:, tf.newaxis, 1], tf.stack([x, x], axis=1)])


def state_passed_on() -> Model:
    x, y = Input((5, 2)), Input((4, 2))
    _, h, c = L.LSTM(3, return_state=True)(x)
    z, _, _ = L.LSTM(3, return_sequences=True, return_state=True)(y, initial_state=[h, c])
    return Model([x, y], L.Dense(2, activation="softmax")(z))


def dictionaries() -> Model:
    a, b = Input((3,), name="a"), Input((3,), name="b")
    return Model({"a": a, "b": b}, {"u": L.Dense(2, name="u")(a), "v": L.Dense(1, name="v")(L.Add()([a, b]))})


def odd_names() -> Model:
    x = Input((3,))
    return Model(x, L.Dense(2, name="block1/dense")(L.Dense(3, name="a.b")(x)))


def mixed_precision() -> Model:
    keras.mixed_precision.set_global_policy("mixed_float16")
    try:
        return Sequential([L.Dense(8, activation="relu", input_shape=(5,)), L.Dense(3, activation="softmax", dtype="float32")])
    finally:
        keras.mixed_precision.set_global_policy("float32")


def adapted() -> Model:
    normalization = L.Normalization()
    normalization.adapt(np.random.default_rng(1).normal(2, 3, (50, 4)).astype("float32"))
    return Sequential([Input((4,)), normalization, L.Dense(1)])


def built_later() -> Model:
    model = Sequential([L.Dense(4, activation="relu"), L.Dense(2)])
    model.build((None, 6))
    return model


ARCHITECTURES: dict[str, Callable[[], Model]] = {
    "dense": in_a_row(L.Dense(8, "relu", input_shape=(5,)), L.BatchNormalization(), L.Dropout(0.3), L.Dense(3, "softmax")),
    "convolutions": in_a_row(
        L.Conv2D(4, 3, input_shape=(8, 8, 3)),
        L.LeakyReLU(0.2),
        L.DepthwiseConv2D(3),
        L.SeparableConv2D(5, 3),
        L.PReLU(),
        L.GlobalMaxPool2D(),
        L.Dense(2),
    ),
    "transposed": in_a_row(
        L.Conv2DTranspose(4, 3, strides=2, input_shape=(4, 4, 2)),
        L.UpSampling2D(2),
        L.ZeroPadding2D(1),
        L.Cropping2D(1),
        L.AvgPool2D(),
        L.Flatten(),
        L.Dense(2),
    ),
    "one-dimensional": in_a_row(
        L.Conv1D(4, 3, padding="causal", input_shape=(10, 2)),
        L.SpatialDropout1D(0.2),
        L.MaxPool1D(),
        L.GlobalAvgPool1D(),
        L.Dense(1, "sigmoid"),
    ),
    "three-dimensional": in_a_row(L.Conv3D(2, 2, input_shape=(4, 4, 4, 1)), L.MaxPool3D(), L.Flatten(), L.Dense(2)),
    "recurrent": in_a_row(
        L.LSTM(4, return_sequences=True, input_shape=(6, 3)),
        L.GRU(4, return_sequences=True, reset_after=False),
        L.SimpleRNN(3),
        L.Dense(1),
    ),
    "bidirectional": in_a_row(
        L.Masking(input_shape=(6, 3)),
        L.Bidirectional(L.LSTM(4, return_sequences=True)),
        L.Bidirectional(L.GRU(3), "sum"),
    ),
    "embedding": in_a_row(L.Embedding(20, 4, input_length=7, mask_zero=True), L.LSTM(5), L.Dense(2)),
    "cells": in_a_row(L.RNN([L.GRUCell(4), L.LSTMCell(3)], input_shape=(5, 2)), L.Dense(1)),
    "convolutional-lstm": in_a_row(L.ConvLSTM2D(3, 2, input_shape=(3, 5, 5, 1)), L.Flatten(), L.Dense(1)),
    "hard-sigmoid-lstm": in_a_row(L.LSTM(4, recurrent_activation="hard_sigmoid", input_shape=(5, 3)), L.Dense(1)),
    "hard-sigmoid-gru": in_a_row(L.GRU(4, recurrent_activation="hard_sigmoid", input_shape=(5, 3)), L.Dense(2, "hard_sigmoid")),
    "hard-sigmoid-layer": in_a_row(L.Dense(4, input_shape=(3,)), L.Activation("hard_sigmoid"), L.Dense(1)),
    "time-distributed": in_a_row(L.TimeDistributed(L.Dense(4), input_shape=(3, 5)), L.TimeDistributed(L.BatchNormalization())),
    "preprocessing": in_a_row(
        L.Rescaling(1 / 255, offset=-0.5, input_shape=(8, 8, 3)),
        L.RandomFlip(),
        L.RandomRotation(0.1),
        L.RandomZoom(0.1),
        L.RandomTranslation(0.1, 0.1),
        L.RandomContrast(0.1),
        L.Resizing(6, 6),
        L.CenterCrop(4, 4),
        L.Flatten(),
        L.Dense(2),
    ),
    "normalization-fixed": in_a_row(L.Normalization(mean=1.0, variance=2.0, input_shape=(4,)), L.Dense(1)),
    "discretization": in_a_row(
        L.Discretization([-1.0, 0.0, 1.0], input_shape=(1,)), L.CategoryEncoding(4, output_mode="one_hot"), L.Dense(2)
    ),
    "regularized": in_a_row(
        L.Dense(
            8, "elu", kernel_regularizer="l2", kernel_constraint="max_norm", kernel_initializer="he_normal", input_shape=(5,)
        ),
        L.ActivityRegularization(0.1),
        L.GaussianNoise(0.1),
        L.AlphaDropout(0.1),
        L.Dense(3, activation=L.LeakyReLU(0.3)),
    ),
    "activations": in_a_row(
        L.Dense(4, "selu", input_shape=(3,)),
        L.Activation("swish"),
        L.Activation("gelu"),
        L.ELU(),
        L.Softmax(),
        L.ReLU(max_value=0.5, negative_slope=0.1, threshold=0.05),
        L.Activation("exponential"),
        L.Activation("softsign"),
    ),
    "reshaped": in_a_row(
        L.Reshape((2, 3), input_shape=(6,)), L.Permute((2, 1)), L.Flatten(), L.RepeatVector(3), L.GlobalMaxPool1D(), L.Dense(1)
    ),
    "normalized": in_a_row(L.Dense(6, input_shape=(4,)), L.LayerNormalization(axis=[1]), L.GroupNormalization(3), L.Dense(1)),
    "fixed-batch": in_a_row(L.Dense(3, batch_input_shape=(4, 5)), L.Dense(1)),
    "stateful": in_a_row(L.LSTM(3, stateful=True, batch_input_shape=(4, 5, 2)), L.Dense(1)),
    "mobilenet": lambda: keras.applications.MobileNet((32, 32, 3), weights=None, include_top=False, alpha=0.05),
    "built-later": built_later,
}
for function in (
    residual,
    nested,
    nested_with_two_outputs,
    nested_at_the_end,
    shared,
    frozen_base,
    attention,
    arithmetic,
    shapes,
    state_passed_on,
    dictionaries,
    odd_names,
    mixed_precision,
    adapted,
):
    ARCHITECTURES[function.__name__.replace("_", "-")] = function

INPUTS = {"embedding": [np.random.default_rng(0).integers(0, 20, (4, 7)).astype("float32")]}
HALF_PRECISION = ("mixed-precision",)
NAMED = ("dictionaries",)
"""Those that take their inputs by name: a, b."""
