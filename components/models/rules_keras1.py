"""What Keras 1 called otherwise. Its own table of the new names: `keras.legacy.interfaces` of Keras 2.0."""

from __future__ import annotations

import json
from typing import Any

from components.models.rule_actions import Rule, convert, drop, join, refuse, rename

DENSE = "Dense LSTM GRU SimpleRNN ConvLSTM2D"
CONVOLUTIONS = "Conv1D Conv2D Conv3D Conv2DTranspose SeparableConv2D ConvLSTM2D"
POOLING = "MaxPooling1D MaxPooling2D MaxPooling3D AveragePooling1D AveragePooling2D AveragePooling3D"

_PARTS = {
    "bias": "use_bias",
    "init": "kernel_initializer",
    "inner_init": "recurrent_initializer",
    "inner_activation": "recurrent_activation",
    "W_regularizer": "kernel_regularizer",
    "U_regularizer": "recurrent_regularizer",
    "b_regularizer": "bias_regularizer",
    "W_constraint": "kernel_constraint",
    "b_constraint": "bias_constraint",
    "dropout_W": "dropout",
    "dropout_U": "recurrent_dropout",
    "nb_filter": "filters",
    "border_mode": "padding",
    "subsample": "strides",
    "subsample_length": "strides",
    "atrous_rate": "dilation_rate",
    "filter_length": "kernel_size",
    "dim_ordering": "data_format",
}
_SEPARABLE = {f"{way}_{old}": f"{way}_{new}" for way in ("depthwise", "pointwise") for old, new in _PARTS.items()}
_POOLING = {"border_mode": "padding", "dim_ordering": "data_format", "pool_length": "pool_size", "stride": "strides"}
_EMBEDDING = {f"W_{part}": f"embeddings_{part}" for part in ("constraint", "regularizer")} | {"init": "embeddings_initializer"}
_ORDERS = {"tf": "channels_last", "th": "channels_first"}
_CLASSES = {"L1L2Regularizer": "L1L2", "WeightRegularizer": "L1L2", "ActivityRegularizer": "L1L2"}


def _order(value: Any) -> Any:
    return _ORDERS.get(value, value) if isinstance(value, str) else value


def part(value: dict[str, Any]) -> dict[str, Any]:
    """A regulariser or constraint, which was `{"name": "L1L2Regularizer", "l2": 0.01}`, as Keras 2 spells it."""
    name = value.get("name")
    if not isinstance(name, str) or "class_name" in value:
        return value
    return {"class_name": _CLASSES.get(name, name), "config": {key: number for key, number in value.items() if key != "name"}}


_ORDERLESS = frozenset({"ZeroPadding2D", "ZeroPadding3D", "Cropping2D", "Cropping3D", "UpSampling2D", "UpSampling3D"})


def with_order(value: Any) -> Any:
    """A model's configuration in which layers that did not write down the order of their axes have that of the others.

    Keras 1 had one order for all layers of a program, and only some wrote it down.
    """
    return _ordered(value) if '"dim_ordering": "th"' in json.dumps(value) else value


def _ordered(value: Any) -> Any:
    if isinstance(value, list):
        return [_ordered(item) for item in value]
    if not isinstance(value, dict):
        return value
    value = {key: _ordered(item) for key, item in value.items()}
    if value.get("class_name") in _ORDERLESS and isinstance(value.get("config"), dict):
        value["config"].setdefault("dim_ordering", "th")
    return value


KERAS_1 = (
    Rule(DENSE, rename("output_dim", "units")),
    Rule(DENSE, drop("input_dim")),
    *(Rule(f"{DENSE} {CONVOLUTIONS}", rename(old, new)) for old, new in _PARTS.items()),
    *(Rule("SeparableConv2D", rename(old, new)) for old, new in _SEPARABLE.items()),
    Rule("Conv2D SeparableConv2D Conv2DTranspose ConvLSTM2D", join(("nb_row", "nb_col"), "kernel_size")),
    Rule("Conv3D", join(("kernel_dim1", "kernel_dim2", "kernel_dim3"), "kernel_size")),
    Rule(CONVOLUTIONS, drop("input_dim")),
    Rule(CONVOLUTIONS, drop("input_length")),
    Rule("Conv2DTranspose", drop("output_shape")),
    Rule("LSTM ConvLSTM2D", drop("forget_bias_init")),
    *(Rule(POOLING, rename(old, new)) for old, new in _POOLING.items()),
    *(Rule("Embedding", rename(old, new)) for old, new in _EMBEDDING.items()),
    Rule("Embedding", drop("dropout")),
    Rule("Dropout GaussianDropout SpatialDropout1D SpatialDropout2D SpatialDropout3D", rename("p", "rate")),
    Rule("GaussianNoise", rename("sigma", "stddev")),
    Rule("UpSampling1D", rename("length", "size")),
    Rule("PReLU", rename("init", "alpha_initializer")),
    Rule("BatchNormalization", drop("mode", 0)),
    Rule("BatchNormalization", rename("gamma_init", "gamma_initializer")),
    Rule("BatchNormalization", rename("beta_init", "beta_initializer")),
    Rule("*", rename("dim_ordering", "data_format")),
    Rule("*", convert("data_format", _order)),
    Rule("Conv2DTranspose Conv1D Conv2D Conv3D", refuse("padding", lambda value: value == "full")),
)
"""What people still bring along of it: settings by their old names."""
