"""Layers and operations that treat every number alike, pool neighbours, or only move numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from components.models.arithmetic.rule import Shape, numbers_in, of_activation, rule


@rule("""
    ActivityRegularization AlphaDropout AugMix AutoContrast BroadcastTo Cast CategoryEncoding CenterCrop Concatenate Copy
    Cropping1D Cropping2D Cropping3D CutMix DepthToSpace Diagonal Dropout Embedding Equalization ExpandDims Flatten Flip
    GaussianDropout GaussianNoise GetItem Hashing HashedCrossing Hstack Identity IntegerLookup Masking MixUp Moveaxis OneHot
    OnesLike Pad Permute RandAugment RandomBrightness RandomColorDegeneration RandomColorJitter RandomContrast RandomCrop
    RandomElasticTransform RandomErasing RandomFlip RandomGaussianBlur RandomGrayscale RandomHue RandomInvert
    RandomPerspective RandomPosterization RandomRotation RandomSaturation RandomSharpness RandomShear RandomTranslation
    RandomZoom Ravel Repeat RepeatVector Reshape Roll SaturateCast Slice SpaceToDepth SpatialDropout1D SpatialDropout2D
    SpatialDropout3D Split Squeeze Stack StopGradient StringLookup Swapaxes Take TakeAlongAxis TextVectorization Tile
    Transpose Unstack Vstack ZeroPadding1D ZeroPadding2D ZeroPadding3D ZerosLike
    """)
def _nothing(operation: Any, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> int:
    return 0


@rule("Activation")
def _activated(operation: Any, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> int:
    return of_activation(operation.activation, numbers_in(outputs[0]))


@rule("Softmax LogSoftmax")
def _softmax(operation: Any, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> int:
    return 5 * numbers_in(outputs[0])


@rule("BatchNormalization LayerScale Normalization Rescaling")
def _factor_and_offset(operation: Any, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> int:
    return (1 if type(operation).__name__ == "LayerScale" else 2) * numbers_in(outputs[0])


@rule("LayerNormalization GroupNormalization")
def _normalised_within_a_sample(operation: Any, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> int:
    """Mean 1, difference 1, its square and their sum 2, division 1; scale and centre one each."""
    return (5 + bool(operation.scale) + bool(operation.center)) * numbers_in(outputs[0])


@rule("RMSNormalization")
def _divided_by_root_mean_square(operation: Any, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> int:
    """Square and sum 2, division 1, scale 1."""
    return 4 * numbers_in(outputs[0])


@rule("UnitNormalization")
def _divided_by_length(operation: Any, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> int:
    """Square and sum 2, division 1."""
    return 3 * numbers_in(outputs[0])


@rule("AveragePooling1D AveragePooling2D AveragePooling3D MaxPooling1D MaxPooling2D MaxPooling3D")
def _pooled(operation: Any, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> int:
    return math.prod(operation.pool_size) * numbers_in(outputs[0])


@rule("""
    AdaptiveAveragePooling1D AdaptiveAveragePooling2D AdaptiveAveragePooling3D AdaptiveMaxPooling1D AdaptiveMaxPooling2D
    AdaptiveMaxPooling3D All Any Argmax Argmin CountNonzero GlobalAveragePooling1D GlobalAveragePooling2D
    GlobalAveragePooling3D GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D Max Mean Min Prod Sum
    """)
def _reduced(operation: Any, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> int:
    return numbers_in(inputs[0])


@rule("Add Subtract Multiply Maximum Minimum Divide TrueDivide")
def _joined(operation: Any, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> int:
    """One for each further input; a constant of an operation is not among its inputs."""
    return max(1, len(inputs) - 1) * numbers_in(outputs[0])


@rule("Average")
def _averaged(operation: Any, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> int:
    return len(inputs) * numbers_in(outputs[0])
