"""Operations of TensorFlow on tensors, as functions and as operators."""

from __future__ import annotations

import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers as L

Input, Model = keras.Input, keras.Model


def operators() -> Model:
    x, y = Input((4,)), Input((4,))
    return Model([x, y], [x + y, x - y, x * y, x / (y * y + 1.0), -x, abs(y), (x * x + 0.5) ** 0.5, 2.0 - x, x // 0.5, x % 0.7])


def comparisons() -> Model:
    x, y = Input((4,)), Input((4,))
    greater = tf.where(x > y, x, y * 2.0)
    return Model(
        [x, y], [greater, tf.cast(x <= 0.1, "float32"), tf.cast(tf.not_equal(x, y), "float32") * x, tf.where(x < 0.0, 0.0, x)]
    )


def slices() -> Model:
    x = Input((5, 6))
    return Model(x, [x[:, 0], x[:, -1, :], x[:, 1:4:2, ::-1], x[:, :, 2:3], x[:, 1:-1] + x[:, 2:], x[1:, 0]])


def elementwise() -> Model:
    x = Input((4,))
    y = tf.abs(x) + 0.5
    return Model(
        x,
        [
            *(f(x) for f in (tf.exp, tf.sin, tf.cos, tf.tanh, tf.square, tf.sign, tf.math.erf, tf.math.round, tf.floor)),
            *(f(y) for f in (tf.sqrt, tf.math.rsqrt, tf.math.log, tf.math.log1p, tf.math.reciprocal, tf.math.ceil)),
            *(f(x) for f in (tf.math.sinh, tf.math.cosh, tf.math.atan, tf.math.expm1, tf.math.softplus, tf.math.asinh)),
            *(f(x, y) for f in (tf.maximum, tf.minimum, tf.math.divide_no_nan, tf.math.atan2)),
        ],
    )


def activations_of_tensorflow() -> Model:
    x = Input((4,))
    return Model(
        x,
        [
            *(f(x) for f in (tf.nn.relu, tf.nn.relu6, tf.nn.elu, tf.nn.selu, tf.nn.silu, tf.nn.softsign, tf.nn.softplus)),
            *(tf.nn.leaky_relu(x), tf.nn.leaky_relu(x, 0.1), tf.nn.gelu(x), tf.nn.gelu(x, True), tf.nn.sigmoid(x)),
            *(tf.nn.softmax(x), tf.nn.softmax(x, axis=-1), tf.nn.log_softmax(x), tf.math.log_sigmoid(x)),
        ],
    )


def activations_of_keras() -> Model:
    x = Input((4,))
    a = keras.activations
    return Model(
        x, [a.relu(x), a.relu(x, max_value=1.0), a.sigmoid(x), a.softmax(x), a.swish(x), a.gelu(x), a.elu(x), a.tanh(x)]
    )


def backend_functions() -> Model:
    x, y = Input((3, 4)), Input((3, 4))
    k = keras.backend
    return Model(
        [x, y],
        [
            k.mean(x, axis=1),
            k.sum(x, axis=-1, keepdims=True),
            k.max(x, axis=2),
            k.abs(x - y),
            k.square(x),
            k.exp(x),
            k.concatenate([x, y], axis=-1),
            k.expand_dims(x, 1),
            k.clip(x, -0.5, 0.5),
            k.l2_normalize(x, axis=-1),
            k.batch_dot(x, k.permute_dimensions(y, (0, 2, 1))),
            k.sqrt(k.abs(x) + 1.0),
            k.reshape(x, (-1, 12)),
            k.stack([x, y], 1),
        ],
    )


def reductions() -> Model:
    x = Input((3, 4))
    return Model(
        x,
        [
            *(f(x, axis=1) for f in (tf.reduce_mean, tf.reduce_sum, tf.reduce_max, tf.reduce_min, tf.reduce_prod)),
            *(f(x, [1, 2], keepdims=True) for f in (tf.reduce_mean, tf.reduce_logsumexp, tf.math.reduce_std)),
            *(
                tf.math.reduce_variance(x, axis=-1),
                tf.cumsum(x, axis=1),
                tf.norm(x, axis=-1),
                tf.math.cumsum(x, 2),
            ),
            *(tf.cast(tf.argmax(x, axis=-1), "float32"), tf.nn.l2_normalize(x, axis=-1), tf.math.top_k(x, 2)[0]),
        ],
    )


def reshapes() -> Model:
    x, i = Input((3, 4)), Input((2,), dtype="int32")
    return Model(
        [x, i],
        [
            *(tf.reshape(x, (-1, 2, 6)), tf.transpose(x, perm=[0, 2, 1]), tf.tile(x, [1, 2, 1]), tf.repeat(x, 2, axis=1)),
            *(tf.reverse(x, axis=[1]), tf.roll(x, 1, axis=2), tf.pad(x, [[0, 0], [1, 0], [0, 2]]), tf.expand_dims(x, axis=-1)),
            *(*tf.split(x, 2, axis=-1), *tf.unstack(x, axis=1), *tf.split(x, [1, 3], axis=2), tf.squeeze(x[:, :1], axis=1)),
            *(tf.gather(x, [0, 2], axis=1), tf.one_hot(i, 4), tf.zeros_like(x)),
            *(
                tf.ones_like(x) * 2.0,
                tf.concat([x, x], 1),
                tf.stop_gradient(x),
                tf.identity(x),
            ),
        ],
    )


def shapes_of_the_batch() -> Model:
    x = Input((None, 4))
    shape = tf.shape(x)
    return Model(
        x, [tf.reshape(x, [shape[0], shape[1] * 2, 2]), x / tf.cast(shape[1], "float32"), tf.reshape(x, (tf.shape(x)[0], -1))]
    )


def products() -> Model:
    x, y = Input((3, 4)), Input((3, 4))
    return Model(
        [x, y],
        [
            *(
                tf.matmul(x, y, transpose_b=True),
                tf.linalg.matmul(x, tf.transpose(y, (0, 2, 1))),
            ),
            *(tf.tensordot(x, tf.constant([[1.0], [2.0], [3.0], [4.0]]), axes=1), x @ tf.transpose(y, (0, 2, 1))),
        ],
    )


def constants() -> Model:
    x = Input((3,))
    return Model(
        x,
        [
            x * tf.constant([1.0, 2.0, 3.0]),
            tf.constant([[1.0, 2.0, 3.0]]) - x,
            tf.add(x, 1.0),
            tf.multiply(2.0, x),
            tf.math.add_n([x, x]),
        ],
    )


def images() -> Model:
    x = Input((6, 6, 4))
    return Model(
        x,
        [
            *(tf.image.resize(x, (3, 4)), tf.image.resize(x, (8, 5), method="nearest")),
            *(tf.nn.depth_to_space(x, 2), tf.nn.space_to_depth(x, 2)),
            keras.applications.imagenet_utils.preprocess_input(x[..., :3], mode="tf"),
        ],
    )


def preprocessed() -> Model:
    x = Input((6, 6, 3))
    y = keras.applications.mobilenet_v2.preprocess_input(x)
    return Model(x, L.Dense(2)(L.GlobalAveragePooling2D()(L.Conv2D(2, 3)(y))))


def preprocessed_caffe() -> Model:
    x = Input((6, 6, 3))
    y = keras.applications.vgg16.preprocess_input(x)
    return Model(x, L.Dense(2)(L.GlobalAveragePooling2D()(L.Conv2D(2, 3)(y))))


def squeeze_and_excite() -> Model:
    x = Input((6, 6, 4))
    s = L.Dense(4, activation="sigmoid")(L.Dense(2, activation="relu")(tf.reduce_mean(x, axis=[1, 2])))
    return Model(x, x * s[:, tf.newaxis, tf.newaxis, :])


def variational() -> Model:
    x = Input((4,))
    mean, log_variance = L.Dense(2, name="z_mean")(x), L.Dense(2, name="z_log_var")(x)
    return Model(x, L.Dense(4)(mean + tf.exp(0.5 * log_variance) * 0.1))


ARCHITECTURES = {
    function.__name__.replace("_", "-"): function
    for function in (
        operators,
        comparisons,
        slices,
        elementwise,
        activations_of_tensorflow,
        activations_of_keras,
        backend_functions,
        reductions,
        reshapes,
        shapes_of_the_batch,
        products,
        constants,
        images,
        preprocessed,
        preprocessed_caffe,
        squeeze_and_excite,
        variational,
    )
}
