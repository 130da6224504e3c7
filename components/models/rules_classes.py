"""Classes under former names, classes that another one replaces, and those that are gone."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from components.models.rule_actions import Settings
from components.recipe import Refusal
from components.recipe.wording import shown

CLASS_NAMES: dict[str, str] = {
    "Model": "Functional",
    "Network": "Functional",
    "Container": "Functional",
    "AtrousConvolution1D": "Conv1D",
    "AtrousConvolution2D": "Conv2D",
    "AtrousConv1D": "Conv1D",
    "AtrousConv2D": "Conv2D",
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
    "CuDNNLSTM": "LSTM",
    "Custom>CustomScaleLayer": "CustomScaleLayer",
    "Deconvolution2D": "Conv2DTranspose",
    "Deconv2D": "Conv2DTranspose",
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


class Replacement(NamedTuple):
    """Another class that predicts the same: its name, its settings made of the former ones, and what a person should know."""

    class_name: str
    settings: Callable[[Settings], Settings]
    note: str | None = None


def _only(*keys: str, **more: object) -> Callable[[Settings], Settings]:
    """Some of the settings, and new ones."""
    return lambda settings: {key: settings[key] for key in ("name", "trainable", "dtype", *keys) if key in settings} | more


def _with(**more: object) -> Callable[[Settings], Settings]:
    return lambda settings: settings | more


def _of_each_step(settings: Settings) -> Settings:
    inner = {"class_name": "Dense", "config": {**settings, "name": "dense"}}
    return {"name": settings.get("name"), "layer": inner, "batch_input_shape": settings.pop("batch_input_shape", None)}


REPLACEMENTS: dict[str, Replacement] = {
    "CuDNNGRU": Replacement("GRU", _with(reset_after=True)),
    "ThresholdedReLU": Replacement("ReLU", lambda settings: _only(threshold=settings.get("theta", 1.0))(settings)),
    "TimeDistributedDense": Replacement("TimeDistributed", _of_each_step),
    "StochasticDepth": Replacement(
        "Dropout",
        lambda settings: _only(rate=settings.get("drop_path_rate", 0.0), noise_shape=[None, 1, 1, 1])(settings),
    ),
    "RandomHeight": Replacement("Identity", _only(), "pictures keep their height, in training too"),
    "RandomWidth": Replacement("Identity", _only(), "pictures keep their width, in training too"),
}
"""By the former class."""

CROP = Replacement(
    "Resizing",
    _only("height", "width", crop_to_aspect_ratio=True),
    "it fits pictures to its size, as Keras 2 did for predictions, in training too",
)
REPLACEMENTS_KEEPING_THE_NAME: dict[str, Replacement] = {"RandomCrop": CROP}
"""Classes of Keras 2 under whose name today's Keras does something else."""

MERGES: dict[str, Replacement] = {
    "sum": Replacement("Add", _only()),
    "mul": Replacement("Multiply", _only()),
    "ave": Replacement("Average", _only()),
    "max": Replacement("Maximum", _only()),
    "concat": Replacement("Concatenate", lambda settings: _only(axis=settings.get("concat_axis", -1))(settings)),
    "dot": Replacement("Dot", lambda settings: _only(axes=settings.get("dot_axes", -1))(settings)),
    "cos": Replacement("Dot", lambda settings: _only(axes=settings.get("dot_axes", -1), normalize=True)(settings)),
}
"""The layer `Merge` of Keras 1, by its mode."""

GONE: dict[str, str] = {
    **dict.fromkeys(("Highway", "MaxoutDense", "ParametricSoftplus", "SReLU", "Merge"), "Keras 1"),
    **dict.fromkeys(("LocallyConnected1D", "LocallyConnected2D", "DenseFeatures", "SequenceFeatures"), "Keras 2"),
    **dict.fromkeys(("AbstractRNNCell", "ConvRNN2D", "ConvLSTM2DCell", "PeepholeLSTMCell"), "Keras 2"),
}
"""Classes without an equal, with the last version that had them."""


def replacement(class_name: str, settings: Settings, by_keras_2: bool) -> Replacement | None:
    """What today's Keras has in place of a layer, where it has another class for it."""
    if class_name == "Merge":
        return MERGES.get(str(settings.get("mode")))
    if by_keras_2 and class_name in REPLACEMENTS_KEEPING_THE_NAME:
        return REPLACEMENTS_KEEPING_THE_NAME[class_name]
    return REPLACEMENTS.get(class_name)


def refuse_gone(class_name: str, place: str) -> None:
    """Names a class that no longer exists.

    Raises:
        Refusal: when the class is one of `GONE`.
    """
    if class_name in GONE:
        raise Refusal(
            f"Layer {shown(place)} is a {class_name}, which {GONE[class_name]} had and today's Keras has no equal for. "
            "Rebuild this part from other layers and save the model again."
        )
