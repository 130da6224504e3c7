"""How the settings of layers from older and newer versions of Keras become today's: one table, read from top to bottom.

A rule names the classes it is for (`*` for all) and what it does with the settings. To teach the app another difference between
versions, add one entry:

    Rule("Conv2D Conv3D", rename("nb_filter", "filters")),

`drop` and `rename` report what they did; `drop` refuses values that today's Keras has no equal for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from components.recipe import Refusal
from components.recipe.wording import shown

Settings = dict[str, Any]
Action = Callable[[Settings, str], str | None]
"""Changes a layer's settings in place. Takes the settings and the layer's place; returns what a person should read, or None."""


class Rule(NamedTuple):
    """What is done with the settings of some classes."""

    classes: str
    action: Action

    def applies_to(self, class_name: str) -> bool:
        """Whether the rule is for this class."""
        return self.classes == "*" or class_name in self.classes.split()


def drop(key: str, *harmless: Any) -> Action:
    """Removes a setting that no longer exists. With values in `harmless`, any other value is refused."""

    def action(settings: Settings, place: str) -> str | None:
        if key not in settings:
            return None
        value = settings.pop(key)
        if harmless and value not in harmless:
            raise Refusal(
                f"Layer {shown(place)} uses {key}={shown(value, 24)}, for which today's Keras has no equal. "
                "Rebuild this layer without it and save the model again."
            )
        return f"{key} dropped"

    return action


def rename(old: str, new: str) -> Action:
    """Gives a setting its new name; a setting already there under the new name wins."""

    def action(settings: Settings, place: str) -> str | None:
        if old not in settings:
            return None
        value = settings.pop(old)
        settings.setdefault(new, value)
        return f"{old} is now {new}"

    return action


def convert(key: str, change: Callable[[Any], Any]) -> Action:
    """Writes a setting's value in today's way, `change(value)`, which means the same."""

    def action(settings: Settings, place: str) -> None:
        if key in settings:
            settings[key] = change(settings[key])

    return action


def keep_only(*keys: str) -> Action:
    """Removes every setting but these, for layers whose constructor takes few."""

    def action(settings: Settings, place: str) -> str | None:
        for key in set(settings) - set(keys):
            del settings[key]
        return None

    return action


def _number(value: Any) -> Any:
    """Old files hold some numbers as `{"class_name": "__numpy__" or "ndarray", "config": {"value": 0.3}}`."""
    if not isinstance(value, dict):
        return value
    inner = value.get("value", (value.get("config") or {}).get("value"))
    return inner[0] if isinstance(inner, list) and len(inner) == 1 else inner


def _single_axis(value: Any) -> Any:
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _lower(value: Any) -> Any:
    return {"tf": "channels_last", "th": "channels_first"}.get(value, value) if isinstance(value, str) else value


def _square(rows: str, columns: str, new: str) -> Action:
    """Keras 1 gave height and width of a kernel apart."""

    def action(settings: Settings, place: str) -> str | None:
        if rows not in settings or columns not in settings:
            return None
        settings[new] = [settings.pop(rows), settings.pop(columns)]
        return f"{rows} and {columns} are now {new}"

    return action


DEPTHWISE = "DepthwiseConv1D DepthwiseConv2D"
SEPARABLE = "SeparableConv1D SeparableConv2D"
TRANSPOSED = "Conv1DTranspose Conv2DTranspose Conv3DTranspose"
CONVOLUTIONS = f"Conv1D Conv2D Conv3D {TRANSPOSED} {DEPTHWISE} {SEPARABLE}"
RECURRENT = "LSTM GRU SimpleRNN RNN ConvLSTM1D ConvLSTM2D ConvLSTM3D"
CELLS = "LSTMCell GRUCell SimpleRNNCell"
RANDOM = "RandomFlip RandomRotation RandomTranslation RandomZoom RandomCrop RandomContrast RandomBrightness"

RULES: tuple[Rule, ...] = (
    # Every layer: what base classes of older versions wrote.
    *(Rule("*", drop(key)) for key in ("_tf_keras_shape", "input_dtype")),
    # Keras 1 names.
    Rule("Dense LSTM GRU SimpleRNN", rename("output_dim", "units")),
    Rule("Embedding", rename("W_constraint", "embeddings_constraint")),
    Rule("Embedding", rename("W_regularizer", "embeddings_regularizer")),
    Rule("Embedding", rename("init", "embeddings_initializer")),
    *(
        Rule(f"Dense LSTM GRU SimpleRNN {CONVOLUTIONS}", rename(old, new))
        for old, new in (
            ("init", "kernel_initializer"),
            ("bias", "use_bias"),
            ("W_regularizer", "kernel_regularizer"),
            ("b_regularizer", "bias_regularizer"),
            ("W_constraint", "kernel_constraint"),
            ("b_constraint", "bias_constraint"),
            ("nb_filter", "filters"),
            ("border_mode", "padding"),
            ("subsample", "strides"),
            ("subsample_length", "strides"),
            ("filter_length", "kernel_size"),
            ("dim_ordering", "data_format"),
            ("inner_init", "recurrent_initializer"),
            ("inner_activation", "recurrent_activation"),
            ("U_regularizer", "recurrent_regularizer"),
            ("dropout_W", "dropout"),
            ("dropout_U", "recurrent_dropout"),
        )
    ),
    Rule("Conv2D DepthwiseConv2D SeparableConv2D Conv2DTranspose", _square("nb_row", "nb_col", "kernel_size")),
    Rule("LSTM", drop("forget_bias_init")),
    Rule("Dense LSTM GRU SimpleRNN", drop("input_dim")),
    Rule("Dropout GaussianDropout SpatialDropout1D SpatialDropout2D SpatialDropout3D", rename("p", "rate")),
    Rule("GaussianNoise", rename("sigma", "stddev")),
    *(
        Rule("MaxPooling1D MaxPooling2D MaxPooling3D AveragePooling1D AveragePooling2D AveragePooling3D", rename(old, new))
        for old, new in (
            ("border_mode", "padding"),
            ("dim_ordering", "data_format"),
            ("pool_length", "pool_size"),
            ("stride", "strides"),
        )
    ),
    Rule(
        "ZeroPadding2D UpSampling2D Flatten Cropping2D GlobalAveragePooling2D GlobalMaxPooling2D",
        rename("dim_ordering", "data_format"),
    ),
    Rule("BatchNormalization", drop("mode", 0)),
    Rule("BatchNormalization", rename("gamma_init", "gamma_initializer")),
    Rule("BatchNormalization", rename("beta_init", "beta_initializer")),
    Rule("*", convert("data_format", _lower)),
    # Keras 2.
    Rule("Embedding", drop("input_length")),
    Rule("Embedding", drop("sparse", False)),
    Rule(f"{RECURRENT} Bidirectional", drop("time_major", False, None)),
    Rule(f"{RECURRENT} {CELLS}", drop("implementation")),
    Rule(RECURRENT, drop("consume_less")),
    Rule("GRU GRUCell", lambda settings, place: settings.setdefault("reset_after", False) and None),
    Rule("InputLayer", rename("batch_input_shape", "batch_shape")),
    Rule(f"{DEPTHWISE} {SEPARABLE} {TRANSPOSED}", drop("groups", 1, None)),
    *(Rule(f"{DEPTHWISE} {SEPARABLE}", drop(key)) for key in ("kernel_initializer", "kernel_regularizer", "kernel_constraint")),
    Rule(DEPTHWISE, drop("filters")),
    Rule("BatchNormalization", convert("axis", _single_axis)),
    Rule("BatchNormalization LayerNormalization", convert("epsilon", _number)),
    *(Rule("BatchNormalization", drop(key, None, False)) for key in ("virtual_batch_size", "adjustment")),
    Rule("BatchNormalization", drop("fused")),
    Rule("LeakyReLU", rename("alpha", "negative_slope")),
    Rule("LeakyReLU ReLU", convert("negative_slope", _number)),
    Rule("ReLU", convert("max_value", _number)),
    Rule("ReLU", convert("threshold", _number)),
    *(Rule("MultiHeadAttention", drop(key)) for key in ("query_shape", "key_shape", "value_shape")),
    Rule("MultiHeadAttention Softmax", drop("softmax_robust_masking", False, None)),
    Rule(RANDOM, drop("rng_type")),
    Rule("RandomFlip RandomRotation RandomTranslation RandomZoom RandomCrop", drop("value_range")),
    Rule("SpatialDropout1D SpatialDropout2D SpatialDropout3D", keep_only("name", "rate", "seed", "dtype", "data_format")),
    Rule("SpatialDropout1D", drop("data_format")),
    Rule("Discretization", drop("trainable")),
    Rule("Attention AdditiveAttention", drop("causal", False, None)),
    Rule("TextVectorization StringLookup IntegerLookup", drop("has_input_vocabulary")),
    Rule("CategoryEncoding", rename("max_tokens", "num_tokens")),
    # Models of one fixed batch size take any, and so they cannot carry state from one batch to the next.
    Rule(RECURRENT, lambda settings, place: _stateless(settings)),
    Rule("InputLayer", lambda settings, place: _any_batch(settings)),
)


def _stateless(settings: Settings) -> str | None:
    if not settings.get("stateful"):
        return None
    settings["stateful"] = False
    return "it starts each batch without a state (stateful=False)"


def _any_batch(settings: Settings) -> str | None:
    shape = settings.get("batch_shape")
    if not isinstance(shape, list) or not shape or shape[0] is None:
        return None
    settings["batch_shape"] = [None, *shape[1:]]
    return f"the batch of {shown(shape[0], 12)} may now have any size"


CLASS_NAMES: dict[str, str] = {
    "Model": "Functional",
    "Network": "Functional",
    "Container": "Functional",
    "AvgPool1D": "AveragePooling1D",
    "AvgPool2D": "AveragePooling2D",
    "AvgPool3D": "AveragePooling3D",
    "BatchNormalizationV1": "BatchNormalization",
    "BatchNormalizationV2": "BatchNormalization",
    "SyncBatchNormalization": "BatchNormalization",
    "Convolution1D": "Conv1D",
    "Convolution2D": "Conv2D",
    "Convolution3D": "Conv3D",
    "Convolution1DTranspose": "Conv1DTranspose",
    "Convolution2DTranspose": "Conv2DTranspose",
    "Convolution3DTranspose": "Conv3DTranspose",
    "GRUV1": "GRU",
    "GRUV2": "GRU",
    "LSTMV1": "LSTM",
    "LSTMV2": "LSTM",
    "GRUCellV2": "GRUCell",
    "LSTMCellV2": "LSTMCell",
    "GlobalAvgPool1D": "GlobalAveragePooling1D",
    "GlobalAvgPool2D": "GlobalAveragePooling2D",
    "GlobalAvgPool3D": "GlobalAveragePooling3D",
    "GlobalMaxPool1D": "GlobalMaxPooling1D",
    "GlobalMaxPool2D": "GlobalMaxPooling2D",
    "GlobalMaxPool3D": "GlobalMaxPooling3D",
    "MaxPool1D": "MaxPooling1D",
    "MaxPool2D": "MaxPooling2D",
    "MaxPool3D": "MaxPooling3D",
    "NormalizationV1": "Normalization",
    "SeparableConvolution1D": "SeparableConv1D",
    "SeparableConvolution2D": "SeparableConv2D",
}
"""Former names of classes, and aliases, with today's name."""
