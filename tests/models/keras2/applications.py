"""The networks of `keras.applications` as Keras 2 builds them, with a sixteenth of their filters and few blocks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from keras.src.applications import convnext, densenet, efficientnet, regnet, resnet  # of Keras 2.15
from tensorflow import keras

applications = keras.applications


def narrow(model: keras.Model, factor: int = 16) -> keras.Model:
    """The same graph with a part of its filters."""

    def fewer(number: int) -> int:
        return max(1, number // factor)

    config = model.get_config()
    for layer in config["layers"]:
        settings = layer["config"]
        for key in ("filters", "units", "projection_dim"):
            if key in settings:
                settings[key] = fewer(settings[key])
        if layer["class_name"] == "Reshape" and settings["target_shape"][:-1] == (1, 1):
            settings["target_shape"] = (1, 1, fewer(settings["target_shape"][-1]))
    return keras.Model.from_config(config, custom_objects={"LayerScale": convnext.LayerScale})


def of(build: Callable[..., keras.Model], side: int = 32, factor: int = 16, **settings: Any) -> Callable[[], keras.Model]:
    """A narrow network for pictures of this side, with 32 classes before it was narrowed."""
    return lambda: narrow(build(**{"weights": None, "input_shape": (side, side, 3), "classes": 32, **settings}), factor)


def short_resnet() -> keras.Model:
    def blocks(x: Any) -> Any:
        x = resnet.stack1(x, 64, 2, stride1=1, name="conv2")
        return resnet.stack1(x, 128, 2, name="conv3")

    return narrow(resnet.ResNet(blocks, False, True, "resnet", weights=None, input_shape=(32, 32, 3), classes=32))


def short_resnet_v2() -> keras.Model:
    def blocks(x: Any) -> Any:
        x = resnet.stack2(x, 64, 2, name="conv2")
        return resnet.stack2(x, 128, 2, stride1=1, name="conv3")

    return narrow(resnet.ResNet(blocks, True, True, "resnetv2", weights=None, input_shape=(32, 32, 3), classes=32))


BLOCKS = efficientnet.DEFAULT_BLOCKS_ARGS

ARCHITECTURES: dict[str, Callable[[], keras.Model]] = {
    "resnet": short_resnet,
    "resnet-v2": short_resnet_v2,
    "mobilenet-v2": of(applications.MobileNetV2, alpha=0.5),
    "mobilenet-v3-minimalistic": of(applications.MobileNetV3Small, factor=16, minimalistic=True),
    "densenet": lambda: narrow(densenet.DenseNet([1, 2, 1, 1], weights=None, input_shape=(32, 32, 3), classes=32), 8),
    "efficientnet": lambda: narrow(
        efficientnet.EfficientNet(
            0.5, 0.3, 32, weights=None, input_shape=(32, 32, 3), classes=32, blocks_args=[{**block} for block in BLOCKS]
        ),
        16,
    ),
    "convnext-dropping-paths": lambda: convnext.ConvNeXt(
        [1, 2, 1, 1], [4, 4, 8, 8], 0.2, 1e-6, 32, weights=None, input_shape=(32, 32, 3), classes=2
    ),
    "regnet-x": lambda: regnet.RegNet(
        [1, 1, 2, 1], [8, 16, 16, 24], 8, "X", 32, weights=None, input_shape=(32, 32, 3), classes=3
    ),
    "regnet-y": lambda: regnet.RegNet(
        [1, 1, 2, 1], [8, 16, 16, 24], 8, "Y", 32, weights=None, input_shape=(32, 32, 3), classes=3
    ),
}

PUBLISHED = (
    "ConvNeXtTiny",
    "DenseNet121",
    "EfficientNetB0",
    "EfficientNetV2B0",
    "InceptionResNetV2",
    "InceptionV3",
    "MobileNet",
    "MobileNetV2",
    "MobileNetV3Large",
    "NASNetMobile",
    "RegNetX002",
    "RegNetY004",
    "ResNet50",
    "ResNetRS50",
    "Xception",
)
"""One of each family in its published size; of these, the architecture alone."""
