"""How hidden units go through layers: one rule for each kind of layer.

To let units be followed through another kind, write a rule and name it in `RULES`. A rule is given the arrangement of the units
along the last axis of each tensor that flows in, notes where units lie along the layer's weights, and returns how the units lie
along the last axis of what flows out.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import keras

from components.models.weight_space.axes import Arrangement, Axes
from components.models.weight_space.calls import Call
from components.recipe import Refusal
from components.recipe.wording import shown

Rule = Callable[[Axes, Call, list[Arrangement]], Arrangement]


def cannot(call: Call, why: str) -> Refusal:
    """The refusal of a layer through which units cannot be followed."""
    return Refusal(
        f"The units of hidden layers cannot be followed through {shown(call.name)}, {why}, so these models cannot be aligned. "
        "Merge them without alignment, or choose members without such a layer."
    )


def _same(axes: Axes, call: Call, given: list[Arrangement]) -> Arrangement:
    """Each unit goes its own way: pooling, dropout, activations."""
    return given[0]


def _last(option: str) -> Rule:
    """As `_same`, where the layer works along the last axis alone."""

    def rule(axes: Axes, call: Call, given: list[Arrangement]) -> Arrangement:
        axis = getattr(call.operation, option)
        rank = len(call.node.input_tensors[0].shape)
        if list(axis if isinstance(axis, list | tuple) else [axis]) not in ([-1], [rank - 1]):
            raise cannot(call, f"which works along the axis {axis}")
        return given[0]

    return rule


def _activation(axes: Axes, call: Call, given: list[Arrangement]) -> Arrangement:
    _check_activation(call)
    return given[0]


def _check_activation(call: Call) -> None:
    activation = getattr(call.operation, "activation", None)
    if getattr(activation, "__name__", "") == "glu":
        raise cannot(call, "whose activation halves the units")
    if isinstance(activation, keras.layers.Layer) and RULES.get(type(activation).__name__) is not _same:
        raise cannot(call, f"whose activation is a layer of the kind {type(activation).__name__}")


def _channels_last(call: Call) -> None:
    if getattr(call.operation, "data_format", "channels_last") != "channels_last":
        raise cannot(call, "whose channels do not stand last")


def _pooled(axes: Axes, call: Call, given: list[Arrangement]) -> Arrangement:
    _channels_last(call)
    return given[0]


def _product(kernel: str, given_axis: int, made_axis: int) -> Rule:
    """A layer that makes new units as sums over those that flow in."""

    def rule(axes: Axes, call: Call, given: list[Arrangement]) -> Arrangement:
        layer = call.operation
        _channels_last(call)
        _check_activation(call)
        weight, groups = getattr(layer, kernel), getattr(layer, "groups", 1)
        if groups == weight.shape[-1] == axes.width(given[0]):
            return _each(axes, given[0], layer, weight, weight.ndim - 1)
        if groups != 1:
            raise cannot(call, f"a convolution in {groups} groups")
        axes.use(weight, weight.ndim + given_axis, given[0])
        made = axes.along(weight, weight.ndim + made_axis)
        if layer.use_bias:
            axes.use(layer.bias, 0, made)
        return made

    return rule


def _depthwise(axes: Axes, call: Call, given: list[Arrangement]) -> Arrangement:
    layer = call.operation
    _channels_last(call)
    _check_activation(call)
    if layer.depth_multiplier != 1:
        raise cannot(call, f"which makes {layer.depth_multiplier} units of each")
    return _each(axes, given[0], layer, layer.kernel, layer.kernel.ndim - 2)


def _each(axes: Axes, given: Arrangement, layer: Any, kernel: Any, axis: int) -> Arrangement:
    """A convolution of each channel by itself."""
    axes.use(kernel, axis, given)
    if layer.use_bias:
        axes.use(layer.bias, 0, given)
    return given


def _separable(axes: Axes, call: Call, given: list[Arrangement]) -> Arrangement:
    layer = call.operation
    if layer.depth_multiplier != 1:
        raise cannot(call, f"which makes {layer.depth_multiplier} units of each")
    axes.use(layer.depthwise_kernel, layer.depthwise_kernel.ndim - 2, given[0])
    return _product("pointwise_kernel", -2, -1)(axes, call, given)


def _normalized(axes: Axes, call: Call, given: list[Arrangement]) -> Arrangement:
    return _scaled(axes, call, [_last("axis")(axes, call, given)])


def _scaled(axes: Axes, call: Call, given: list[Arrangement]) -> Arrangement:
    """Scales, offsets and statistics, one for each unit."""
    for variable in call.weights:
        axes.use(variable, 0, given[0])
    return given[0]


def _embedding(axes: Axes, call: Call, given: list[Arrangement]) -> Arrangement:
    return axes.along(call.operation.embeddings, 1)


def _prelu(axes: Axes, call: Call, given: list[Arrangement]) -> Arrangement:
    axes.use(call.operation.alpha, call.operation.alpha.ndim - 1, given[0])
    return given[0]


def _rescaling(axes: Axes, call: Call, given: list[Arrangement]) -> Arrangement:
    if isinstance(call.operation.scale, list | tuple) or isinstance(call.operation.offset, list | tuple):
        axes.fix(given[0])
    return given[0]


def _merged(axes: Axes, call: Call, given: list[Arrangement]) -> Arrangement:
    """Tensors merged number by number; one of width 1 is for all units of the others."""
    widest = max(map(axes.width, given))
    for each in given:
        if axes.width(each) not in (1, widest):
            raise cannot(call, "which repeats units")
    wide = [each for each in given if axes.width(each) == widest]
    for each in wide[1:]:
        axes.join(wide[0], each)
    return wide[0]


def _concatenated(axes: Axes, call: Call, given: list[Arrangement]) -> Arrangement:
    rank = len(call.node.output_tensors[0].shape)
    if call.operation.axis not in (-1, rank - 1):
        return _merged(axes, call, given)
    return tuple(axis for arrangement in given for axis in arrangement)


def _flattened(axes: Axes, call: Call, given: list[Arrangement]) -> Arrangement:
    """The units once more for every position; where they are divided otherwise, they stay where they are."""
    _channels_last(call)
    before, after = call.node.input_tensors[0].shape[1:], call.node.output_tensors[0].shape[1:]
    if not before or before[-1] == after[-1]:
        return given[0]
    if len(after) == 1 and None not in before:
        return given[0] * math.prod(before[:-1])
    axes.fix(given[0])
    return axes.new(after[-1] or 1, fixed=True)


def _permuted(axes: Axes, call: Call, given: list[Arrangement]) -> Arrangement:
    if call.operation.dims[-1] != len(call.operation.dims):
        raise cannot(call, "which moves the axis of the units")
    return given[0]


def _rules(names: str, rule: Rule) -> dict[str, Rule]:
    return dict.fromkeys(names.split(), rule)


RULES: dict[str, Rule] = {
    **_rules("Dense Conv1D Conv2D Conv3D", _product("kernel", -2, -1)),
    **_rules("Conv1DTranspose Conv2DTranspose Conv3DTranspose", _product("kernel", -1, -2)),
    **_rules("DepthwiseConv1D DepthwiseConv2D", _depthwise),
    **_rules("SeparableConv1D SeparableConv2D", _separable),
    **_rules("BatchNormalization LayerNormalization RMSNormalization", _normalized),
    **_rules("LayerScale", _scaled),
    **_rules("Embedding", _embedding),
    **_rules("PReLU", _prelu),
    **_rules("Rescaling", _rescaling),
    **_rules("Add Average Maximum Minimum Multiply Subtract", _merged),
    **_rules("Concatenate", _concatenated),
    **_rules("Flatten Reshape", _flattened),
    **_rules("Permute", _permuted),
    **_rules("Activation", _activation),
    **_rules("Softmax UnitNormalization", _last("axis")),
    **_rules("ReLU LeakyReLU ELU Identity RepeatVector ActivityRegularization", _same),
    **_rules("Dropout AlphaDropout GaussianDropout GaussianNoise", _same),
    **_rules("SpatialDropout1D SpatialDropout2D SpatialDropout3D", _same),
    **{
        f"{kind}{rank}D": _pooled
        for rank in (1, 2, 3)
        for kind in (
            *("MaxPooling", "AveragePooling", "GlobalMaxPooling", "GlobalAveragePooling"),
            *("ZeroPadding", "Cropping", "UpSampling"),
        )
    },
}
