"""Small networks of every kind that hidden units can be followed through, with random weights."""

from __future__ import annotations

import keras
import numpy as np
from keras import layers


def shaken(model: keras.Model, seed: int) -> keras.Model:
    """A model with random values in all its weights, also in biases, scales and moving statistics, which start alike."""
    draw = np.random.default_rng(seed)
    for variable in model.weights:
        values = draw.normal(size=variable.shape, scale=0.5)
        variable.assign(np.abs(values) + 0.5 if variable.name in ("moving_variance", "gamma", "scale") else values)
    return model


def dense() -> keras.Model:
    return keras.Sequential(
        [
            keras.Input((6,)),
            layers.Dense(7, activation="relu"),
            layers.LayerNormalization(),
            layers.Dropout(0.3),
            layers.Dense(5, activation="tanh"),
            layers.Dense(3, activation="softmax"),
        ]
    )


def convolutional() -> keras.Model:
    return keras.Sequential(
        [
            keras.Input((8, 8, 2)),
            layers.Conv2D(5, 3, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.MaxPooling2D(),
            layers.DepthwiseConv2D(3, padding="same"),
            layers.PReLU(shared_axes=[1, 2]),
            layers.SeparableConv2D(6, 3),
            layers.Flatten(),
            layers.Dense(9, activation=layers.LeakyReLU()),
            layers.Dense(4),
        ]
    )


def residual() -> keras.Model:
    given = keras.Input((8, 8, 3))
    stem = layers.Conv2D(6, 3, padding="same")(given)
    flow = layers.BatchNormalization()(stem)
    flow = layers.Activation("relu")(flow)
    flow = layers.Conv2D(6, 3, padding="same", groups=6)(layers.Conv2D(6, 3, padding="same")(flow))
    flow = layers.Add()([stem, flow])
    gate = layers.GlobalAveragePooling2D(keepdims=True)(flow)
    gate = layers.Conv2D(6, 1, activation="sigmoid")(layers.Conv2D(4, 1, activation="relu")(gate))
    flow = layers.Multiply()([flow, gate])
    flow = layers.GlobalAveragePooling2D()(layers.Conv2DTranspose(5, 2, strides=2)(flow))
    return keras.Model(given, layers.Dense(2)(flow))


def concatenated() -> keras.Model:
    image, row = keras.Input((4, 4, 2)), keras.Input((5,))
    left = layers.Conv2D(3, 3, activation="relu")(image)
    right = layers.Conv2D(4, 3, activation="relu")(image)
    joined = layers.Concatenate()([left, right])
    flat = layers.Flatten()(layers.BatchNormalization()(joined))
    flow = layers.Concatenate()([flat, layers.Dense(6, activation="relu")(row), row])
    hidden = layers.Dense(8, activation="relu")(flow)
    return keras.Model([image, row], [layers.Dense(2)(hidden), layers.Dense(3, activation="softmax")(hidden)])


def shared_and_nested() -> keras.Model:
    """An inner model, called twice, whose outputs are compared; units are shared between both calls."""
    inner_input = keras.Input((5,))
    inner = keras.Model(inner_input, layers.Dense(6)(layers.Dense(4, activation="relu")(inner_input)), name="inner")
    first, second = keras.Input((5,)), keras.Input((5,))
    distance = layers.Subtract()([inner(first), inner(second)])
    return keras.Model([first, second], layers.Dense(1)(layers.Dense(3, activation="relu")(distance)))


def tokens() -> keras.Model:
    given = keras.Input((7,), dtype="int32")
    flow = layers.Embedding(11, 6)(given)
    flow = layers.Conv1D(5, 3, activation="relu")(layers.RMSNormalization()(flow))
    flow = layers.Reshape((25,))(layers.ZeroPadding1D((0, 0))(flow))
    return keras.Model(given, layers.Dense(2)(flow))


NETWORKS = {
    function.__name__: function for function in (dense, convolutional, residual, concatenated, shared_and_nested, tokens)
}


def samples(model: keras.Model, count: int = 5, seed: int = 0) -> list[np.ndarray]:
    draw = np.random.default_rng(seed)
    return [
        draw.integers(0, 11, (count, *tensor.shape[1:]))
        if "int" in tensor.dtype
        else draw.normal(size=(count, *tensor.shape[1:])).astype("float32")
        for tensor in model.inputs
    ]


def predict(model: keras.Model, inputs: list[np.ndarray]) -> list[np.ndarray]:
    """Predictions of plain Keras, without tracing a graph."""
    return [np.asarray(output) for output in keras.tree.flatten(model(inputs if len(inputs) > 1 else inputs[0]))]
