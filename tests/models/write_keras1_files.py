"""Adds to an archive what Keras 1.2.2 wrote, in Python 3.6 with TensorFlow 1.2.1: small models, and what they predicted.

python3.6 tests/models/write_keras1_files.py tests/files/keras1-architectures.zip
"""

import io
import os
import sys
import tempfile
import zipfile

import keras
import keras.backend as K
import numpy as np
from keras import layers as L
from keras.layers.convolutional_recurrent import ConvLSTM2D
from keras.models import Model, Sequential


def in_a_row(*members):
    return lambda: Sequential(list(members))


def two_branches():
    a, b = L.Input((4,)), L.Input((4,))
    shared = L.Dense(3, activation="relu")
    u, v = shared(a), shared(b)
    merged = [L.merge([u, v], mode=mode) for mode in ("sum", "mul", "ave", "max")]
    angle = L.Flatten()(L.merge([u, v], mode="cos", dot_axes=1))
    joined = L.merge([*merged, L.merge([u, v], mode="dot", dot_axes=1), angle], mode="concat")
    return Model([a, b], [L.Dense(2, activation="softmax")(joined), u])


def merge_layers():
    a, b = L.Input((3, 4)), L.Input((3, 4))
    y = L.Merge(mode="concat", concat_axis=1)([a, b])
    return Model(input=[a, b], output=[L.Flatten()(y), L.Merge(mode="dot", dot_axes=(2, 2))([a, b])])


def nested():
    inner = Sequential([L.Dense(4, input_dim=5, activation="tanh"), L.BatchNormalization(), L.Dense(4)], name="inner")
    a, b = L.Input((5,)), L.Input((5,))
    return Model([a, b], L.Dense(2)(L.merge([inner(a), inner(b)], mode="concat")))


def channels_first():
    K.set_image_dim_ordering("th")
    try:
        return Sequential(
            [
                L.ZeroPadding2D((1, 1), input_shape=(2, 6, 6)),
                L.Convolution2D(3, 3, 2, border_mode="same", activation="relu"),
                L.MaxPooling2D((2, 1)),
                L.Cropping2D(((1, 0), (0, 1))),
                L.UpSampling2D((2, 1)),
                L.BatchNormalization(axis=1),
                L.Flatten(),
                L.Dense(3),
            ]
        )
    finally:
        K.set_image_dim_ordering("tf")


ARCHITECTURES = {
    "dense": in_a_row(
        L.Dense(8, input_dim=5, init="he_normal", activation="relu", W_regularizer="l2", b_constraint="nonneg"),
        L.BatchNormalization(),
        L.Dropout(0.3),
        L.Dense(3, bias=False, activation="softmax"),
    ),
    "convolutions": in_a_row(
        L.Convolution2D(4, 3, 2, border_mode="same", subsample=(2, 1), activation="relu", input_shape=(12, 12, 3)),
        L.LeakyReLU(0.2),
        L.MaxPooling2D((2, 2), border_mode="same"),
        L.AtrousConvolution2D(3, 2, 2, atrous_rate=(2, 2)),
        L.SeparableConvolution2D(4, 2, 2, border_mode="same"),
        L.AveragePooling2D((1, 2), strides=(1, 1)),
        L.PReLU(),
        L.GlobalAveragePooling2D(),
        L.Dense(2),
    ),
    "transposed": in_a_row(
        L.Deconvolution2D(2, 3, 3, output_shape=(None, 9, 9, 2), subsample=(2, 2), input_shape=(4, 4, 3)),
        L.ELU(0.5),
        L.SpatialDropout2D(0.3),
        L.ThresholdedReLU(0.1),
        L.GlobalMaxPooling2D(),
    ),
    "one-dimensional": in_a_row(
        L.Convolution1D(4, 3, border_mode="same", input_shape=(10, 2)),
        L.MaxPooling1D(2),
        L.AtrousConvolution1D(3, 2, atrous_rate=2),
        L.Cropping1D((0, 1)),
        L.ZeroPadding1D(1),
        L.UpSampling1D(2),
        L.AveragePooling1D(2, stride=1),
        L.GlobalMaxPooling1D(),
    ),
    "three-dimensional": in_a_row(
        L.Convolution3D(2, 2, 2, 2, input_shape=(4, 4, 4, 1)), L.MaxPooling3D(), L.Flatten(), L.Dense(2)
    ),
    "recurrent": in_a_row(
        L.LSTM(4, return_sequences=True, consume_less="mem", dropout_W=0.1, input_shape=(6, 3)),
        L.GRU(4, return_sequences=True, inner_init="glorot_uniform"),
        L.SimpleRNN(3, return_sequences=True, U_regularizer="l2"),
        L.LSTM(3, consume_less="gpu", inner_activation="sigmoid", forget_bias_init="zero"),
        L.Dense(1, activation="sigmoid"),
    ),
    "bidirectional": in_a_row(
        L.Masking(0.0, input_shape=(6, 3)),
        L.Bidirectional(L.LSTM(4, return_sequences=True)),
        L.Bidirectional(L.GRU(3), merge_mode="sum"),
    ),
    "embedding": in_a_row(
        L.Embedding(20, 4, input_length=7, mask_zero=True, dropout=0.1), L.LSTM(5), L.Dense(2, activation="hard_sigmoid")
    ),
    "time-distributed": in_a_row(
        L.TimeDistributed(L.Dense(4), input_shape=(3, 5)),
        L.TimeDistributedDense(3),
        L.GaussianNoise(0.1),
        L.GaussianDropout(0.2),
    ),
    "convolutional-lstm": in_a_row(ConvLSTM2D(3, 2, 2, border_mode="same", input_shape=(3, 5, 5, 1)), L.Flatten(), L.Dense(1)),
    "reshaped": in_a_row(
        L.Reshape((2, 3), input_shape=(6,)), L.Permute((2, 1)), L.Flatten(), L.RepeatVector(3), L.GlobalAveragePooling1D()
    ),
    "highway": in_a_row(L.Highway(input_dim=4), L.Dense(2)),
    "maxout": in_a_row(L.MaxoutDense(3, input_dim=4), L.Dense(2)),
    "lambda": in_a_row(L.Lambda(lambda x: x * 2, input_shape=(3,)), L.Dense(2)),
    "two-branches": two_branches,
    "merge-layers": merge_layers,
    "nested": nested,
    "channels-first": channels_first,
}


def write(name, archive, folder):
    """Adds one model as HDF5 and as JSON with weights, and its inputs and outputs as NPZ."""
    K.clear_session()
    np.random.seed(1)
    generator = np.random.RandomState(0)
    model = ARCHITECTURES[name]()
    model.compile("sgd", "mse")
    model.set_weights([generator.uniform(0.1, 0.6, w.shape) if w.ndim == 1 else w for w in model.get_weights()])
    inputs = [generator.normal(size=(4, *K.int_shape(x)[1:])).astype("float32") for x in model.inputs]
    if name == "embedding":
        inputs = [generator.randint(0, 20, inputs[0].shape).astype("float32")]
    outputs = model.predict(inputs)
    outputs = outputs if isinstance(outputs, list) else [outputs]
    arrays = {f"x{i}": x for i, x in enumerate(inputs)}
    arrays.update({f"y{i}": y for i, y in enumerate(outputs)})
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    name = f"keras{keras.__version__}-{name}"
    archive.writestr(name + ".npz", buffer.getvalue())
    path = os.path.join(folder, name + ".h5")
    model.save(path)
    archive.write(path, name + ".h5")


if __name__ == "__main__":
    with zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED) as target, tempfile.TemporaryDirectory() as scratch:
        for architecture in ARCHITECTURES:
            write(architecture, target, scratch)
