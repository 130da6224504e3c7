"""Architectures of `keras.applications`, as they are offered: known here without Keras, built in a worker.

Left out are those beyond what a member may be (`limits.PARAMETERS`, `limits.LAYERS`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from components.recipe import Document, Name, Refusal, Scaling
from components.recipe.wording import shown

MOST_SIDE, MOST_CHANNELS = 600, 64
"""Pixels on a side, and channels; beyond, most of these need more memory than there is."""


@dataclass(frozen=True)
class Architecture:
    """One architecture.

    `least` and `usual` are sides of its images in pixels, `parameters` those of the whole model with 1,000 classes. `scaling`
    is what its `preprocess_input` makes of images of 0 to 255; `pixels` where the model scales them itself. `takes` names the
    arguments of its own that matter here.
    """

    name: str
    family: str
    least: int
    usual: int
    parameters: int
    scaling: Scaling
    takes: tuple[str, ...] = ()


ARCHITECTURES: dict[str, Architecture] = {
    each.name: each
    for each in (
        Architecture("MobileNetV3Small", "MobileNet", 32, 224, 2_554_968, "pixels", takes=("alpha", "include_preprocessing")),
        Architecture("MobileNetV2", "MobileNet", 32, 224, 3_538_984, "symmetric", takes=("alpha",)),
        Architecture("MobileNet", "MobileNet", 32, 224, 4_253_864, "symmetric", takes=("alpha",)),
        Architecture("MobileNetV3Large", "MobileNet", 32, 224, 5_507_432, "pixels", takes=("alpha", "include_preprocessing")),
        Architecture("NASNetMobile", "NASNet", 32, 224, 5_326_716, "symmetric"),
        Architecture("EfficientNetB0", "EfficientNet", 32, 224, 5_330_571, "pixels"),
        Architecture("EfficientNetV2B0", "EfficientNet", 32, 224, 7_200_312, "pixels", takes=("include_preprocessing",)),
        Architecture("EfficientNetB1", "EfficientNet", 32, 240, 7_856_239, "pixels"),
        Architecture("EfficientNetV2B1", "EfficientNet", 32, 240, 8_212_124, "pixels", takes=("include_preprocessing",)),
        Architecture("EfficientNetB2", "EfficientNet", 32, 260, 9_177_569, "pixels"),
        Architecture("EfficientNetV2B2", "EfficientNet", 32, 260, 10_178_374, "pixels", takes=("include_preprocessing",)),
        Architecture("EfficientNetB3", "EfficientNet", 32, 300, 12_320_535, "pixels"),
        Architecture("EfficientNetV2B3", "EfficientNet", 32, 300, 14_467_622, "pixels", takes=("include_preprocessing",)),
        Architecture("EfficientNetB4", "EfficientNet", 32, 380, 19_466_823, "pixels"),
        Architecture("EfficientNetV2S", "EfficientNet", 32, 384, 21_612_360, "pixels", takes=("include_preprocessing",)),
        Architecture("EfficientNetB5", "EfficientNet", 32, 456, 30_562_527, "pixels"),
        Architecture("EfficientNetB6", "EfficientNet", 32, 528, 43_265_143, "pixels"),
        Architecture("EfficientNetV2M", "EfficientNet", 32, 480, 54_431_388, "pixels", takes=("include_preprocessing",)),
        Architecture("DenseNet121", "DenseNet", 32, 224, 8_062_504, "torch"),
        Architecture("DenseNet169", "DenseNet", 32, 224, 14_307_880, "torch"),
        Architecture("DenseNet201", "DenseNet", 32, 224, 20_242_984, "torch"),
        Architecture("Xception", "Inception", 71, 299, 22_910_480, "symmetric"),
        Architecture("InceptionV3", "Inception", 75, 299, 23_851_784, "symmetric"),
        Architecture("InceptionResNetV2", "Inception", 75, 299, 55_873_736, "symmetric"),
        Architecture("ResNet50V2", "ResNet", 32, 224, 25_613_800, "symmetric"),
        Architecture("ResNet50", "ResNet", 32, 224, 25_636_712, "caffe"),
        Architecture("ResNet101V2", "ResNet", 32, 224, 44_675_560, "symmetric"),
        Architecture("ResNet101", "ResNet", 32, 224, 44_707_176, "caffe"),
        Architecture("ResNet152V2", "ResNet", 32, 224, 60_380_648, "symmetric"),
        Architecture("ResNet152", "ResNet", 32, 224, 60_419_944, "caffe"),
        Architecture("ConvNeXtTiny", "ConvNeXt", 32, 224, 28_589_128, "pixels", takes=("include_preprocessing",)),
        Architecture("ConvNeXtSmall", "ConvNeXt", 32, 224, 50_223_688, "pixels", takes=("include_preprocessing",)),
        Architecture("ConvNeXtBase", "ConvNeXt", 32, 224, 88_591_464, "pixels", takes=("include_preprocessing",)),
        Architecture("VGG16", "VGG", 32, 224, 138_357_544, "caffe"),
        Architecture("VGG19", "VGG", 32, 224, 143_667_240, "caffe"),
    )
}

End = Literal["softmax", "logits", "average-pooling", "max-pooling"]

ENDS: dict[End, str] = {
    "softmax": "Class probabilities",
    "logits": "Logits, or numbers",
    "average-pooling": "Features, averaged over the image",
    "max-pooling": "Features, their maximum over the image",
}
"""What a model ends in; the number of features is the architecture's own."""


class ArchitectureOrder(Document):
    """An architecture as somebody wants it: square images of `side` pixels, random weights drawn from `seed`.

    `units` counts the classes or numbers at its end, `width` multiplies the filters of every layer where the family has it.
    """

    name: Name
    architecture: str
    side: int = Field(ge=1, le=MOST_SIDE)
    channels: int = Field(3, ge=1, le=MOST_CHANNELS)
    end: End = "softmax"
    units: int = Field(10, ge=1, le=10_000)
    width: float = Field(1.0, ge=0.25, le=2.0)
    seed: int = Field(0, ge=0)


def architecture_of(order: ArchitectureOrder) -> Architecture:
    """The architecture that is asked for.

    Raises:
        Refusal: when there is none of this name, or its images cannot be so small.
    """
    if order.architecture not in ARCHITECTURES:
        raise Refusal(f"There is no architecture named “{shown(order.architecture)}” here; choose one of the list.")
    known = ARCHITECTURES[order.architecture]
    if order.side < known.least:
        raise Refusal(
            f"{known.name} takes images of {known.least} × {known.least} pixels or more; {order.side} × {order.side} was asked "
            f"for. Choose a side of {known.least} or more, and the data are resized."
        )
    return known


def scaling_of(order: ArchitectureOrder) -> Scaling:
    """How it wants its inputs: as its `preprocess_input` makes them, where that is defined for so many channels."""
    known = architecture_of(order)
    if order.channels == 3 or known.scaling == "symmetric":
        return known.scaling
    return "standard"
