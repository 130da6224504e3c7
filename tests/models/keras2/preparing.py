"""Layers that normalise, and those that prepare data: with state, with vocabularies, with random changes while training."""

from __future__ import annotations

import numpy as np
from tensorflow import keras
from tensorflow.keras import layers as L

from tests.models.keras2.row import in_a_row

Input, Model, Sequential = keras.Input, keras.Model, keras.Sequential
WORDS = ["river", "stream", "delta", "bank"]
SENTENCES = ["the river and the stream", "a stream, a bank!", "delta of the river"]


def adapted_normalization() -> Model:
    generator = np.random.default_rng(1)
    last, inverse, pixels = L.Normalization(), L.Normalization(invert=True), L.Normalization(axis=None)
    last.adapt(generator.normal(2, 3, (50, 4)).astype("float32"))
    inverse.adapt(generator.normal(1, 2, (50, 4)).astype("float32"))
    pixels.adapt(generator.normal(1, 2, (50, 3, 3)).astype("float32"))
    x, y = Input((4,)), Input((3, 3))
    return Model([x, y], [L.Dense(2)(last(x)), inverse(x), pixels(y)])


def normalization_of_columns() -> Model:
    inputs, outputs = [], []
    for index in range(3):
        layer = L.Normalization(axis=None)
        layer.adapt(np.random.default_rng(index).normal(index, 2, (30, 1)).astype("float32"))
        inputs.append(Input((1,), name=f"column{index}"))
        outputs.append(layer(inputs[-1]))
    return Model(inputs, L.Dense(1)(L.Dense(4, activation="relu")(L.concatenate(outputs))))


def adapted_discretization() -> Model:
    layer = L.Discretization(num_bins=4)
    layer.adapt(np.linspace(-2, 2, 41, dtype="float32").reshape(-1, 1))
    x = Input((2,))
    return Model(x, L.Dense(2)(L.Flatten()(L.Embedding(5, 3)(layer(x)))))


def discretization_modes() -> Model:
    x = Input((1,))
    modes = ("one_hot", "multi_hot", "count")
    return Model(x, [L.Discretization([-0.5, 0.5], output_mode=mode)(x) for mode in modes])


def category_encodings() -> Model:
    x = Input((3,), dtype="int64")
    return Model(x, [L.CategoryEncoding(7, output_mode=mode)(x) for mode in ("multi_hot", "count")])


def string_lookup() -> Model:
    x = Input((2,), dtype="string")
    outputs = [
        L.Embedding(6, 2)(L.StringLookup(vocabulary=WORDS)(x)),
        L.StringLookup(vocabulary=WORDS, num_oov_indices=0, output_mode="multi_hot")(x),
        L.StringLookup(vocabulary=["", "[UNK]", *WORDS], mask_token="")(x),
        L.StringLookup(vocabulary=WORDS, output_mode="tf_idf", idf_weights=[0.1, 0.2, 0.3, 0.4])(x),
    ]
    return Model(x, outputs)


def string_lookup_adapted() -> Model:
    lookup = L.StringLookup(output_mode="multi_hot")
    lookup.adapt(np.array([["river"], ["river"], ["stream"], ["bank"]]))
    x = Input((1,), dtype="string")
    return Model(x, L.Dense(2)(lookup(x)))


def integer_lookup() -> Model:
    lookup = L.IntegerLookup(output_mode="one_hot")
    lookup.adapt(np.array([[3], [3], [5], [9]]))
    x = Input((1,), dtype="int64")
    return Model(x, [lookup(x), L.IntegerLookup(vocabulary=[2, 3, 5], num_oov_indices=2)(x)])


def text_vectorization() -> Model:
    layer = L.TextVectorization(max_tokens=20, output_sequence_length=6)
    layer.adapt(SENTENCES)
    x = Input((1,), dtype="string")
    y = L.GlobalAveragePooling1D()(L.Embedding(20, 3)(layer(x)))
    return Model(x, L.Dense(1, activation="sigmoid")(y))


def text_vectorization_modes() -> Model:
    x = Input((1,), dtype="string")
    outputs = []
    for mode in ("multi_hot", "count", "tf_idf"):
        layer = L.TextVectorization(output_mode=mode, ngrams=2, standardize="lower")
        layer.adapt(SENTENCES)
        outputs.append(layer(x))
    return Model(x, [*outputs, L.TextVectorization(vocabulary=WORDS, output_sequence_length=4)(x)])


def hashing() -> Model:
    x = Input((2,), dtype="string")
    return Model(x, [L.Hashing(5)(x), L.Hashing(4, salt=[3, 7])(x), L.Hashing(5, mask_value="bank")(x)])


def hashed_crossing() -> Model:
    a, b = Input((1,), dtype="string"), Input((1,), dtype="int64")
    return Model([a, b], L.HashedCrossing(6, output_mode="one_hot")((a, b)))


def resizings() -> Model:
    x = Input((6, 5, 2))
    ways = ("bilinear", "nearest", "bicubic", "area", "lanczos3", "lanczos5")
    return Model(x, [*(L.Resizing(4, 7, interpolation=way)(x) for way in ways), L.Resizing(3, 3, crop_to_aspect_ratio=True)(x)])


def norms() -> Model:
    x = Input((4, 6))
    return Model(
        x,
        [
            L.LayerNormalization(axis=[1, 2], center=False)(x),
            L.LayerNormalization(axis=(1,), scale=False, epsilon=1e-2)(x),
            L.GroupNormalization(groups=-1, epsilon=1e-2)(x),
            L.GroupNormalization(groups=2, axis=-1)(x),
            L.UnitNormalization(axis=1)(x),
            L.UnitNormalization(axis=[1, 2])(x),
        ],
    )


def batch_norms() -> Model:
    x = Input((4, 4, 3))
    return Model(
        x,
        [
            L.BatchNormalization(scale=False, momentum=0.9)(x),
            L.BatchNormalization(center=False, epsilon=1e-2)(x),
            L.BatchNormalization(axis=1)(x),
            L.BatchNormalization(synchronized=True)(x),
            keras.layers.experimental.SyncBatchNormalization()(x),
        ],
    )


def spectral() -> Model:
    x = Input((6, 6, 2))
    y = L.SpectralNormalization(L.Conv2D(3, 3))(x)
    return Model(x, L.SpectralNormalization(L.Dense(2), power_iterations=2)(L.Flatten()(y)))


def einsum() -> Model:
    x = Input((4, 6))
    y = L.EinsumDense("abc,cde->abde", output_shape=(None, 2, 3), bias_axes="de")(x)
    return Model(x, L.EinsumDense("abde,dec->abc", output_shape=(None, 5), activation="relu")(y))


ARCHITECTURES = {
    "augmentation": in_a_row(
        Input((8, 8, 3)),
        L.RandomFlip("horizontal", seed=1),
        L.RandomRotation(0.2, fill_mode="constant", fill_value=0.5, interpolation="nearest"),
        L.RandomZoom((-0.2, 0.3), width_factor=0.1),
        L.RandomTranslation(0.1, (-0.2, 0.2)),
        L.RandomContrast((0.1, 0.2)),
        L.RandomBrightness(0.2, value_range=(0.0, 1.0)),
        L.RandomCrop(6, 6),
        L.Rescaling(1.0 / 127.5, offset=-1),
        L.GlobalAveragePooling2D(),
        L.Dense(2),
    ),
    "random-height": in_a_row(
        Input((8, 8, 3)),
        L.RandomHeight(0.2),
        L.RandomWidth((-0.1, 0.1)),
        L.Conv2D(2, 3),
        L.GlobalAveragePooling2D(),
        L.Dense(2),
    ),
    "nested-augmentation": lambda: Sequential(
        [
            Sequential([L.RandomFlip(input_shape=(8, 8, 3)), L.RandomRotation(0.1)], name="augmentation"),
            L.Rescaling([1 / 255, 1 / 128, 1 / 64], offset=[0.0, -1.0, 0.5]),
            L.Conv2D(3, 3),
            L.Flatten(),
            L.Dense(2),
        ]
    ),
    "locally-connected": in_a_row(L.LocallyConnected2D(2, 3, input_shape=(5, 5, 1)), L.Flatten(), L.Dense(2)),
    "locally-connected-1d": in_a_row(L.LocallyConnected1D(2, 3, strides=2, input_shape=(9, 2)), L.Flatten(), L.Dense(2)),
    "renormalized": in_a_row(L.Dense(4, input_shape=(3,)), keras.layers.BatchNormalization(), L.Dense(2)),
    "shapes-with-unknown": in_a_row(
        L.Reshape((-1, 2), input_shape=(3, 4)), L.Permute((2, 1)), L.Reshape((4, -1)), L.Flatten(), L.RepeatVector(2), L.LSTM(2)
    ),
}
for function in (
    adapted_normalization,
    normalization_of_columns,
    adapted_discretization,
    discretization_modes,
    category_encodings,
    string_lookup,
    string_lookup_adapted,
    integer_lookup,
    text_vectorization,
    text_vectorization_modes,
    hashing,
    hashed_crossing,
    resizings,
    norms,
    batch_norms,
    spectral,
    einsum,
):
    ARCHITECTURES[function.__name__.replace("_", "-")] = function


def _whole(generator: np.random.Generator) -> np.ndarray:
    return generator.integers(0, 7, (4, 3))


INPUTS = {
    "category-encodings": [np.array([[0, 1, 2], [3, 3, 6], [1, 5, 5], [4, 4, 4]])],
    "string-lookup": [np.array([["river", "bank"], ["delta", "stream"], ["bank", "bank"], ["stream", "river"]])],
    "string-lookup-adapted": [np.array([["river"], ["bank"], ["sea"], ["stream"]])],
    "integer-lookup": [np.array([[3], [5], [7], [2]])],
    "text-vectorization": [np.array([["the river"], ["A bank, a sea!"], ["delta delta"], [""]])],
    "text-vectorization-modes": [np.array([["the river"], ["A bank, a sea!"], ["delta delta"], ["of the river"]])],
    "hashing": [np.array([["river", "bank"], ["delta", "stream"], ["bank", "bank"], ["stream", "river"]])],
    "hashed-crossing": [np.array([["a"], ["b"], ["c"], ["a"]]), np.array([[1], [2], [3], [1]])],
}
"""What models take that want no ordinary numbers."""
