"""Convolutions, pooling, padding and resizing."""

from __future__ import annotations

from tensorflow import keras
from tensorflow.keras import layers as L

from tests.models.keras2.row import in_a_row

Input, Model = keras.Input, keras.Model


def pooling_that_keeps_axes() -> Model:
    x, y, z = Input((6, 2)), Input((4, 5, 2)), Input((3, 4, 3, 2))
    kept = {"keepdims": True}
    return Model(
        [x, y, z],
        [
            *(pool(**kept)(x) for pool in (L.GlobalAveragePooling1D, L.GlobalMaxPooling1D)),
            *(pool(**kept)(y) for pool in (L.GlobalAveragePooling2D, L.GlobalMaxPooling2D)),
            *(pool(**kept)(z) for pool in (L.GlobalAveragePooling3D, L.GlobalMaxPooling3D)),
        ],
    )


def pooling_that_pads() -> Model:
    x, y, z = Input((7, 2)), Input((7, 5, 2)), Input((3, 4, 3, 2))
    same = {"padding": "same"}
    return Model(
        [x, y, z],
        [
            *(pool(3, 2, **same)(x) for pool in (L.AveragePooling1D, L.MaxPooling1D)),
            *(pool((3, 2), 2, **same)(y) for pool in (L.AveragePooling2D, L.MaxPooling2D)),
            *(pool(2, (1, 2, 1), **same)(z) for pool in (L.AveragePooling3D, L.MaxPooling3D)),
        ],
    )


def enlarging() -> Model:
    y = Input((4, 3, 2))
    ways = ("nearest", "bilinear", "bicubic", "area", "lanczos3", "lanczos5")
    return Model(y, [L.UpSampling2D((2, 3), interpolation=way)(y) for way in ways])


def encoder_decoder() -> Model:
    x = Input((16, 16, 1))
    skips, y = [], x
    for filters in (2, 3):
        y = L.Conv2D(filters, 3, activation="relu", padding="same", kernel_initializer="he_normal")(y)
        skips.append(y)
        y = L.MaxPooling2D()(y)
    y = L.Dropout(0.5)(L.Conv2D(4, 3, activation="relu", padding="same")(y))
    for filters, skip in zip((3, 2), reversed(skips), strict=True):
        y = L.Conv2DTranspose(filters, 2, strides=2, padding="same")(y)
        y = L.Conv2D(filters, 3, activation="relu", padding="same")(L.concatenate([y, skip], axis=3))
    return Model(x, L.Conv2D(1, 1, activation="sigmoid")(y), name="encoder-decoder")


def of_any_size() -> Model:
    x = Input((None, None, 2))
    y = L.SeparableConv2D(3, 3, padding="same", depth_multiplier=2)(x)
    return Model(x, L.Softmax(axis=[1, 2])(L.Conv2D(2, 1, dilation_rate=2, padding="same")(y)))


def channels_first() -> Model:
    x = Input((2, 6, 5))
    first = {"data_format": "channels_first"}
    y = L.UpSampling2D(2, **first)(L.ZeroPadding2D(1, **first)(L.Cropping2D(1, **first)(x)))
    return Model(x, [L.Flatten(**first)(y), L.GlobalAveragePooling2D(**first)(y), L.BatchNormalization(axis=1)(y)])


ARCHITECTURES = {
    "dilated": in_a_row(
        L.Conv1D(4, 3, dilation_rate=2, padding="causal", input_shape=(12, 2)),
        L.Conv1D(3, 2, strides=2, groups=1, use_bias=False),
        L.SeparableConv1D(4, 2, depth_multiplier=2, padding="same"),
        L.DepthwiseConv1D(2, depth_multiplier=2),
        L.Conv1DTranspose(3, 3, strides=2, output_padding=1),
        L.ZeroPadding1D((1, 2)),
        L.Cropping1D((2, 1)),
        L.UpSampling1D(2),
        L.GlobalMaxPooling1D(),
    ),
    "grouped": in_a_row(
        L.Conv2D(4, (3, 2), groups=2, strides=(2, 1), padding="same", input_shape=(7, 8, 4)),
        L.DepthwiseConv2D((2, 3), strides=1, depth_multiplier=2, dilation_rate=2, use_bias=False),
        L.SeparableConv2D(3, 2, strides=2, padding="same", depthwise_regularizer="l2", pointwise_initializer="he_uniform"),
        L.Conv2DTranspose(2, (3, 2), strides=2, padding="same", output_padding=1),
        L.ZeroPadding2D(((1, 0), (2, 1))),
        L.Cropping2D(((0, 1), (1, 1))),
        L.AveragePooling2D((2, 1), padding="same"),
    ),
    "volumes": in_a_row(
        L.Conv3DTranspose(2, 2, strides=2, input_shape=(2, 3, 2, 2)),
        L.ZeroPadding3D(((1, 0), (0, 1), (1, 1))),
        L.Cropping3D(((0, 1), (1, 0), (1, 0))),
        L.UpSampling3D((1, 2, 1)),
        L.Conv3D(3, (2, 1, 3), dilation_rate=(1, 2, 1), activation="tanh", groups=1),
        L.SpatialDropout3D(0.1),
        L.AveragePooling3D((1, 2, 1)),
        L.GlobalAveragePooling3D(),
    ),
    "rectifiers": in_a_row(
        L.Conv2D(3, 2, input_shape=(5, 4, 2)),
        L.PReLU(shared_axes=[1, 2], alpha_initializer="he_normal"),
        L.ELU(0.7),
        L.LeakyReLU(alpha=0.05),
        L.SpatialDropout2D(0.2),
        L.ThresholdedReLU(theta=0.1),
        L.ReLU(6.0),
        L.Softmax(axis=-1),
    ),
    "old-class-names": in_a_row(
        L.Convolution2D(3, 2, input_shape=(6, 6, 2)),
        L.SeparableConvolution2D(3, 2),
        L.Convolution2DTranspose(2, 2),
        L.MaxPool2D(2),
        L.GlobalAvgPool2D(),
    ),
}
for function in (pooling_that_keeps_axes, pooling_that_pads, enlarging, encoder_decoder, of_any_size, channels_first):
    ARCHITECTURES[function.__name__.replace("_", "-")] = function
