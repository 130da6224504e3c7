"""Layers with a kernel: two operations for each of its weights wherever it is laid on."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

from components.models.arithmetic.rule import Shape, numbers_in, of_activation, rule


def _end(operation: Any, outputs: Sequence[Shape]) -> int:
    """The bias and the activation at the end of such a layer."""
    given = numbers_in(outputs[0])
    return given * bool(operation.use_bias) + of_activation(operation.activation, given)


def channels(operation: Any, shape: Shape) -> int:
    """How many channels an image, a sequence or a volume has."""
    return (shape[0] if operation.data_format == "channels_first" else shape[-1]) or 1


@rule("Dense")
def _dense(operation: Any, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> int:
    return 2 * (inputs[0][-1] or 1) * numbers_in(outputs[0]) + _end(operation, outputs)


@rule("EinsumDense")
def _einsum_dense(operation: Any, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> int:
    _, kernel, given = re.split(r"\s*(?:,|->)\s*", operation.equation)
    summed = [axis for letter, axis in zip(kernel, operation.kernel.shape, strict=True) if letter not in given]
    numbers = numbers_in(outputs[0])
    return numbers * (2 * math.prod(summed) + bool(operation.bias_axes)) + of_activation(operation.activation, numbers)


@rule("Conv1D Conv2D Conv3D")
def _convolution(operation: Any, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> int:
    each = math.prod(operation.kernel_size) * (channels(operation, inputs[0]) // operation.groups)
    return 2 * each * numbers_in(outputs[0]) + _end(operation, outputs)


@rule("DepthwiseConv1D DepthwiseConv2D")
def _depthwise(operation: Any, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> int:
    return 2 * math.prod(operation.kernel_size) * numbers_in(outputs[0]) + _end(operation, outputs)


@rule("SeparableConv1D SeparableConv2D")
def _separable(operation: Any, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> int:
    between = channels(operation, inputs[0]) * operation.depth_multiplier
    depthwise = between * (numbers_in(outputs[0]) // operation.filters)
    kernels = math.prod(operation.kernel_size) * depthwise + between * numbers_in(outputs[0])
    return 2 * kernels + _end(operation, outputs)


@rule("Conv1DTranspose Conv2DTranspose Conv3DTranspose")
def _transposed(operation: Any, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> int:
    return 2 * math.prod(operation.kernel_size) * operation.filters * numbers_in(inputs[0]) + _end(operation, outputs)


@rule("Dot Matmul")
def _product(operation: Any, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> int:
    """Sums over an axis of the first input: the layer says over which, the operation means the last."""
    axes = getattr(operation, "axes", -1)
    axis = axes[0] if isinstance(axes, list | tuple) else axes
    summed = inputs[0][axis if axis < 0 else axis - 1] if inputs[0] else 1
    return 2 * (summed or 1) * numbers_in(outputs[0])
