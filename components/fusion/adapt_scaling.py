"""From the numbers of the dataset to those that a member was trained on."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from components.data.facts import Statistics
from components.fusion.signals import describe
from components.recipe import Input, Member, Refusal, Scaling, Shape

if TYPE_CHECKING:
    from components.fusion.writer import GraphWriter

PIXEL_RANGES = ((0.0, 1.0), (-1.0, 1.0), (0.0, 255.0), (0.0, 65535.0))
"""The ranges in which images are kept."""

RANGES: dict[Scaling, tuple[float, float]] = {"unit": (0.0, 1.0), "symmetric": (-1.0, 1.0), "pixels": (0.0, 255.0)}
"""The range into which each of these scalings brings the data."""


class _Channels(NamedTuple):
    """What a mode of `keras.applications` does to colours from 0 to `top`: subtract `mean` and divide by `deviation`."""

    top: float
    mean: tuple[float, ...]
    deviation: tuple[float, ...]
    blue_first: bool = False


IMAGENET: dict[Scaling, _Channels] = {
    "torch": _Channels(1.0, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    "caffe": _Channels(255.0, (103.939, 116.779, 123.68), (1.0, 1.0, 1.0), blue_first=True),
}
"""Means and deviations of the ImageNet images, as `keras.applications` has them."""


def scales_last(member: Member, fed: Input, wanted: Shape) -> bool:
    """Whether the member's scaling has to follow the change of shape: by column of a vector, or by colour of an image."""
    return member.scaling in IMAGENET or (member.scaling == "standard" and len(fed.shape) != 1 and len(wanted) == 1)


def to_scale(writer: GraphWriter, member: Member, reference: str, fed: Input) -> str:
    """Puts the adapters behind a dataset's input that bring it to the scale that the member takes; gives the last reference.

    The numbers come from the training split, column by column where they can, else for each channel. An image whose values
    lie in one of `PIXEL_RANGES` and take up more than half of it is taken to have that range, so that 255 stays white in
    photographs without a white pixel.

    Raises:
        Refusal: without the training split's statistics, or where a mode for colour images meets something else.
    """
    if member.scaling == "none":
        return reference
    if writer.bound is None or fed.name not in writer.bound.statistics:
        raise Refusal(
            f"{member.name} wants its inputs scaled, which takes the smallest, largest and mean values of {fed.name} in the "
            "training split. Prepare the data first, or set the member's scaling to none."
        )
    statistics = writer.bound.statistics[fed.name]
    if member.scaling == "standard":
        return _standardised(writer, member, reference, statistics)
    low, high = _range(fed, statistics)
    said = f"the training data lie between {low:g} and {high:g}"
    if member.scaling in IMAGENET:
        return _like_imagenet(writer, member, reference, low, high, said)
    bottom, top = RANGES[member.scaling]
    scale = (top - bottom) / (high - low or 1.0)
    return _rescaled(
        writer, member, reference, f"{member.name} takes {bottom:g} to {top:g} and {said}", scale, bottom - low * scale
    )


def _range(fed: Input, statistics: Statistics) -> tuple[float, float]:
    """The smallest and the largest value that the data can have."""
    low, high = statistics.minimum, statistics.maximum
    if len(fed.shape) >= 2:
        for bottom, top in PIXEL_RANGES:
            if bottom <= low and high <= top and high - low > (top - bottom) / 2:
                return bottom, top
    return low, high


def _rescaled(writer: GraphWriter, member: Member, reference: str, reason: str, scale: float, offset: float) -> str:
    if (scale, offset) == (1.0, 0.0):
        return reference
    return writer.adapt("rescale", reference, reason, member.name, scale=scale, offset=offset)


def _like_imagenet(writer: GraphWriter, member: Member, reference: str, low: float, high: float, said: str) -> str:
    shape, mode = writer.signal(reference).shape, IMAGENET[member.scaling]
    if len(shape) != 3 or shape[-1] != len(mode.mean):
        raise Refusal(
            f"{member.name} is set to the scaling {member.scaling} of keras.applications, which is for images of 3 colours, "
            f"and receives {describe(shape)}. Choose another scaling for it."
        )
    if mode.blue_first:
        reason = f"{member.name} takes blue, green, red, as models do that came from Caffe"
        reference = writer.adapt("channel-reverse", reference, reason, member.name)
    factor = mode.top / (high - low or 1.0)
    scale = tuple(factor / deviation for deviation in mode.deviation)
    offset = tuple((-low * factor - mean) / deviation for mean, deviation in zip(mode.mean, mode.deviation, strict=True))
    reason = f"{member.name} takes colours less the mean of ImageNet ({member.scaling}) and {said}"
    return writer.adapt("rescale", reference, reason, member.name, scale=scale, offset=offset)


def _standardised(writer: GraphWriter, member: Member, reference: str, statistics: Statistics) -> str:
    mean, deviation = _by_last_axis(statistics, writer.signal(reference).shape)
    scale = tuple(1.0 / (each or 1.0) for each in deviation)
    offset = tuple(-m * s for m, s in zip(mean, scale, strict=True))
    reason = f"{member.name} takes columns of mean 0 and deviation 1"
    return writer.adapt("rescale", reference, reason, member.name, scale=scale, offset=offset)


def _by_last_axis(statistics: Statistics, shape: Shape) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and deviation for each entry of the last axis, pooled over the axes before it."""
    width = shape[-1] or len(statistics.mean)
    mean, deviation = [], []
    for channel in range(width):
        means, deviations = statistics.mean[channel::width], statistics.deviation[channel::width]
        centre = math.fsum(means) / len(means)
        square = math.fsum(d * d + m * m for m, d in zip(means, deviations, strict=True)) / len(means)
        mean.append(centre)
        deviation.append(deviations[0] if len(means) == 1 else math.sqrt(max(0.0, square - centre * centre)))
    return tuple(mean), tuple(deviation)
