"""What Keras 2 knew and today's Keras does not, or calls otherwise."""

from __future__ import annotations

from typing import Any

from components.models.rule_actions import Rule, Settings, convert, default, drop, keep_only, number, refuse, rename
from components.recipe import Refusal
from components.recipe.wording import shown

DEPTHWISE = "DepthwiseConv1D DepthwiseConv2D"
SEPARABLE = "SeparableConv1D SeparableConv2D"
TRANSPOSED = "Conv1DTranspose Conv2DTranspose Conv3DTranspose"
CONV_LSTM = "ConvLSTM1D ConvLSTM2D ConvLSTM3D"
RECURRENT = f"LSTM GRU SimpleRNN RNN {CONV_LSTM}"
CELLS = "LSTMCell GRUCell SimpleRNNCell"
RANDOM = "RandomFlip RandomRotation RandomTranslation RandomZoom RandomCrop RandomContrast RandomBrightness"
LOOKUPS = "StringLookup IntegerLookup TextVectorization"

_INTERPOLATIONS = ("nearest", "bilinear", "bicubic", "area", "lanczos3", "lanczos5")


def _single_axis(value: Any) -> Any:
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _has_weights(value: Any) -> bool:
    return isinstance(value, dict) and value.get("class_name") == "PReLU"


def _without_words(settings: Settings, place: str) -> None:
    if settings.get("vocabulary") is None:
        raise Refusal(
            f"Layer {shown(place)} was adapted to data, and the file does not hold the vocabulary that it learnt. "
            "Give the layer its `vocabulary=[…]`, or save the whole model as .keras."
        )


def _whole(words: list[Any]) -> list[int]:
    """Whole numbers, which a file of words holds as texts."""
    return [int(word) for word in words]


def _stateless(settings: Settings, place: str) -> str | None:
    if not settings.get("stateful"):
        return None
    settings["stateful"] = False
    return "it starts each batch without a state (stateful=False)"


def _any_batch(settings: Settings, place: str) -> str | None:
    shape = settings.get("batch_shape")
    if not isinstance(shape, list) or not shape or shape[0] is None:
        return None
    settings["batch_shape"] = [None, *shape[1:]]
    return f"the batch of {shown(shape[0], 12)} may now have any size"


KERAS_2 = (
    *(Rule("*", drop(key)) for key in ("_tf_keras_shape", "input_dtype")),
    Rule("Embedding", drop("input_length")),
    Rule("Embedding", drop("sparse", False)),
    Rule(f"{RECURRENT} Bidirectional", drop("time_major", False, None)),
    Rule(f"{RECURRENT} {CELLS}", drop("implementation")),
    Rule(RECURRENT, drop("consume_less")),
    Rule("GRU GRUCell", default("reset_after", False)),
    Rule("InputLayer", rename("batch_input_shape", "batch_shape")),
    Rule(f"{DEPTHWISE} {SEPARABLE} {TRANSPOSED}", drop("groups", 1, None)),
    *(Rule(f"{DEPTHWISE} {SEPARABLE}", drop(key)) for key in ("kernel_initializer", "kernel_regularizer", "kernel_constraint")),
    Rule(DEPTHWISE, drop("filters")),
    Rule("BatchNormalization", convert("axis", _single_axis)),
    Rule("BatchNormalization LayerNormalization", convert("epsilon", number)),
    *(Rule("BatchNormalization", drop(key, None, False)) for key in ("virtual_batch_size", "adjustment")),
    Rule("BatchNormalization", drop("fused")),
    Rule("LeakyReLU", rename("alpha", "negative_slope")),
    Rule("LeakyReLU ReLU", convert("negative_slope", number)),
    Rule("ReLU", convert("max_value", number)),
    Rule("ReLU", convert("threshold", number)),
    *(Rule("MultiHeadAttention", drop(key)) for key in ("query_shape", "key_shape", "value_shape")),
    Rule("MultiHeadAttention Softmax", drop("softmax_robust_masking", False, None)),
    Rule("Attention AdditiveAttention", drop("causal", False, None)),
    Rule(RANDOM, drop("rng_type")),
    Rule("RandomFlip RandomRotation RandomTranslation RandomZoom RandomCrop", drop("value_range")),
    Rule("SpatialDropout1D SpatialDropout2D SpatialDropout3D", keep_only("name", "rate", "seed", "dtype", "data_format")),
    Rule("SpatialDropout1D", drop("data_format")),
    Rule("Resizing UpSampling2D", refuse("interpolation", lambda value: value not in _INTERPOLATIONS)),
    Rule("Discretization", drop("trainable")),
    Rule("CategoryEncoding", rename("max_tokens", "num_tokens")),
    Rule(LOOKUPS, drop("has_input_vocabulary")),
    Rule(LOOKUPS, _without_words),
    Rule("IntegerLookup", convert("vocabulary", _whole)),
    Rule("*", refuse("activation", _has_weights)),
    # Models of one fixed batch size take any, and so they cannot carry state from one batch to the next.
    Rule(RECURRENT, _stateless),
    Rule("InputLayer", _any_batch),
)
"""Read after the rules for Keras 1, so that they find the names of Keras 2."""
