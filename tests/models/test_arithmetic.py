"""Floating-point operations against TensorFlow's own profiler, against hand-computed numbers and published figures."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, ops
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

from components.models import inspection
from components.models.allowed import CELLS, LAYERS
from components.models.arithmetic import RULES
from components.models.facts import MemberFacts


def operations(model: keras.Model) -> int:
    return inspection.facts(model)["operations"]


def profiled(model: keras.Model, folder: Path) -> int:
    """What TensorFlow's profiler counts for one sample; it knows no ReLU and no batched product."""
    signature = [tf.TensorSpec((1, *tensor.shape[1:]), tensor.dtype) for tensor in model.inputs]
    function = convert_variables_to_constants_v2(
        tf.function(lambda *x: model(list(x) if len(x) > 1 else x[0])).get_concrete_function(*signature)
    )
    profiler = tf.compat.v1.profiler
    with function.graph.as_default():
        settings = profiler.ProfileOptionBuilder.float_operation()
        settings["output"] = f"file:outfile={folder / 'profile.txt'}"
        return int(profiler.profile(tf.compat.v1.get_default_graph(), options=settings).total_float_ops)


def one(layer: Callable[[object], object], *shapes: tuple[int | None, ...]) -> keras.Model:
    tensors = [keras.Input(shape) for shape in shapes]
    return keras.Model(tensors, layer(tensors if len(tensors) > 1 else tensors[0]))


def _two_branches(x: object) -> object:
    left = layers.Conv2D(6, 3, padding="same", strides=2)(x)
    right = layers.AveragePooling2D(2)(layers.Conv2D(6, 1)(x))
    joined = layers.Add()([left, layers.ZeroPadding2D(((0, 1), (0, 1)))(right)])
    return layers.Dense(4, activation="softmax")(layers.Flatten()(joined))


PROFILED: dict[str, keras.Model] = {
    "dense": one(layers.Dense(7, activation="softmax"), (5,)),
    "dense at every step": one(layers.Dense(7), (3, 5)),
    "dense without bias": one(layers.Dense(7, use_bias=False), (5,)),
    "convolution": one(layers.Conv2D(6, 3, strides=2), (9, 9, 4)),
    "convolution over time": one(layers.Conv1D(6, 3), (9, 4)),
    "depthwise convolution": one(layers.DepthwiseConv2D(3, depth_multiplier=2, use_bias=False), (9, 9, 4)),
    "separable convolution": one(layers.SeparableConv2D(6, 3, padding="same"), (9, 9, 4)),
    "pooling": one(layers.MaxPooling2D(2), (8, 8, 3)),
    "mean pooling": one(layers.AveragePooling2D(2), (8, 8, 3)),
    "sum": one(layers.Add(), (5,), (5,), (5,)),
    "product": one(layers.Multiply(), (5,), (5,)),
    "rescaling": one(layers.Rescaling(2.0, 1.0), (4, 4, 3)),
    "two branches": one(_two_branches, (9, 9, 3)),
}


@pytest.mark.parametrize("name", PROFILED)
def test_the_same_as_tensorflows_profiler(name: str, tmp_path: Path) -> None:
    assert operations(PROFILED[name]) == profiled(PROFILED[name], tmp_path)


def _attention(x: object) -> object:
    return layers.MultiHeadAttention(2, 3, value_dim=5)(x, x)


COUNTED: dict[str, tuple[keras.Model, int]] = {
    # 5 steps; at each a matrix of 3 + 4 by 4, a bias and a tanh.
    "simple recurrent": (one(layers.SimpleRNN(4), (5, 3)), 5 * (2 * 7 * 4 + 4 + 4)),
    # Four gates: matrices, bias, activation; then three products, a sum and a tanh.
    "lstm": (one(layers.LSTM(4), (5, 3)), 5 * (4 * (2 * 7 * 4 + 4 + 4) + 5 * 4)),
    # Three gates with two biases each; then r · h, 1 − z, two products and a sum.
    "gru": (one(layers.GRU(4), (5, 3)), 5 * (3 * (2 * 7 * 4 + 2 * 4 + 4) + 5 * 4)),
    "both ways": (one(layers.Bidirectional(layers.LSTM(4)), (5, 3)), 2 * 5 * (4 * (2 * 7 * 4 + 4 + 4) + 5 * 4)),
    "a step of any length": (one(layers.LSTM(4), (None, 3)), 4 * (2 * 7 * 4 + 4 + 4) + 5 * 4),
    # 4 × 4 states of 2 channels, kernels of 3 × 3 over 1 + 2 channels, padded.
    "recurrent convolution": (
        one(layers.ConvLSTM2D(2, 3, padding="same"), (5, 4, 4, 1)),
        5 * 32 * (4 * (2 * 9 * 3 + 1 + 1) + 5),
    ),
    "dense on every step": (one(layers.TimeDistributed(layers.Dense(2)), (5, 3)), 5 * (2 * 3 * 2 + 2)),
    # 16 input numbers, each laid on 3 × 3 × 6 weights; 10 × 10 × 6 biases.
    "transposed convolution": (one(layers.Conv2DTranspose(6, 3, strides=3), (4, 4, 1)), 2 * 16 * 54 + 12 * 12 * 6),
    "grouped convolution": (one(layers.Conv2D(4, 3, groups=2, use_bias=False), (3, 3, 8)), 2 * 9 * 4 * 4),
    # Query and key 4 → 2 × 3, value 4 → 2 × 5, output 10 → 4, for 7 positions; two heads of 7 × 7 pairs.
    "attention of several heads": (
        one(_attention, (7, 4)),
        7 * (2 * 2 * 4 * 6 + 2 * 6 + 2 * 4 * 10 + 10 + 2 * 10 * 4 + 4) + 2 * (7 * 3 + 49 * (2 * 3 + 5 + 2 * 5)),
    ),
    "attention": (one(layers.Attention(), (7, 4), (6, 4)), 42 * (2 * 4 + 5 + 2 * 4)),
    "batch normalisation": (one(layers.BatchNormalization(), (4, 4, 3)), 2 * 48),
    "layer normalisation": (one(layers.LayerNormalization(), (6,)), 7 * 6),
    "activations": (one(layers.Dense(3, use_bias=False, activation="relu"), (2,)), 2 * 6 + 3),
    "einsum": (one(layers.EinsumDense("abc,cd->abd", (3, 5), bias_axes="d"), (3, 4)), 2 * 3 * 4 * 5 + 15),
    "what moves numbers": (one(lambda x: layers.Dropout(0.5)(layers.Flatten()(layers.Permute((2, 1))(x))), (3, 4)), 0),
    "a product of tensors": (one(lambda x: ops.matmul(x, ops.transpose(x, (0, 2, 1))), (3, 4)), 2 * 3 * 4 * 3),
    "an operation with a constant": (one(lambda x: ops.add(x, 1.0), (5,)), 5),
}


@pytest.mark.parametrize("name", COUNTED)
def test_the_same_as_counted_by_hand(name: str) -> None:
    model, expected = COUNTED[name]
    assert operations(model) == expected


def test_a_model_within_counts_as_often_as_it_is_called() -> None:
    inner = keras.Sequential([keras.Input((4,)), layers.Dense(3), layers.Dense(2)], name="inner")
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    model = keras.Model([a, b], layers.Concatenate(name="side")([inner(a), inner(b)]))
    assert operations(model) == 2 * (2 * 12 + 3 + 2 * 6 + 2)


def test_every_layer_with_weights_that_may_be_opened_has_a_rule() -> None:
    weighted = {name for name in LAYERS if re.search("Dense|Conv|LSTM|GRU|RNN|Attention|Normalization|Embedding", name)}
    assert weighted - CELLS - {"ReversibleEmbedding"} <= set(RULES)


@pytest.fixture(scope="module")
def published() -> dict[str, MemberFacts]:
    built = (keras.applications.MobileNetV2(weights=None), keras.applications.ResNet50(weights=None))
    given = {"sha256": "0", "file_name": "", "size": 0, "format": "keras", "keras_version": None}
    return {model.name.split("_")[0]: MemberFacts(**given, **inspection.facts(model)) for model in built}


@pytest.mark.parametrize(
    ("name", "multiply_adds"),
    [
        ("mobilenetv2", 300e6),  # Sandler et al., 2018, table 4.
        ("resnet50", 3.86e9),  # He et al., 2015, table 1: 3.8 · 10⁹; Keras puts its strides where they do.
    ],
)
def test_published_figures_within_a_few_percent(published: dict[str, MemberFacts], name: str, multiply_adds: float) -> None:
    found = published[name].operations
    assert found is not None and found / (2 * multiply_adds) == pytest.approx(1, abs=0.04)


def test_the_branching_of_a_residual_network_is_known(published: dict[str, MemberFacts]) -> None:
    rows = {row.name: row for row in published["resnet50"].layers}
    assert set(rows["conv2_block1_add"].inputs) == {"conv2_block1_0_bn", "conv2_block1_3_bn"}
    assert sum(len(row.inputs) for row in rows.values()) == len(rows) + 16, "sixteen blocks with a way around"
    assert (published["resnet50"].normalisation_layers, published["resnet50"].dropout_layers) == (53, 0)


def test_memory_of_weights_and_activations() -> None:
    x = keras.Input((4,), dtype="float16")
    model = keras.Model(x, layers.Dense(3, dtype="float32")(layers.Dropout(0.5, dtype="float32")(x)))
    known = inspection.facts(model)
    assert known["weight_bytes"] == sum(np.asarray(weight).nbytes for weight in model.weights) == 60
    assert known["activation_bytes"] == 4 * 2 + 4 * 4 + 3 * 4
