"""From the dataset's inputs to what a member takes: which input, its shape, its size in pixels, its scale."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from components.fusion.adapt_scaling import scales_last, to_scale
from components.fusion.inference import fits
from components.fusion.signals import describe, listed, size
from components.recipe import Input, Member, Refusal, Shape, Tensor

if TYPE_CHECKING:
    from components.fusion.writer import GraphWriter


def choose_input(writer: GraphWriter, member: Member, index: int) -> Input:
    """The input of the dataset that feeds a member's input: of the same name, the only one, of the same shape, or in order.

    Raises:
        Refusal: when that leaves a choice.
    """
    given = writer.data.inputs
    wanted = writer.facts(member).inputs
    named = [each for each in given if each.name == wanted[index].name]
    if named or len(given) == 1:
        return (named or list(given))[0]
    shaped = [each for each in given if fits(each.shape, wanted[index].shape)]
    if len(shaped) == 1:
        return shaped[0]
    if len(given) == len(wanted):
        return given[index]
    if len(wanted) == 1 and len(given) == len(writer.members):
        return given[writer.members.index(member)]
    offered = listed([f"{each.name} ({describe(each.shape)})" for each in given])
    raise Refusal(
        f"{member.name} takes {describe(wanted[index].shape)}, and the data have {offered}: which one feeds it is not clear. "
        "Bind the data with one input, or with one for each member in their order."
    )


def to_input(writer: GraphWriter, member: Member, wanted: Tensor, reference: str, fed: Input) -> str:
    """Puts the adapters behind a dataset's input that make it what the member takes; gives the last reference.

    Raises:
        Refusal: when no adapter can help.
    """
    if wanted.dtype == "string" or fed.dtype == "string":
        raise Refusal(
            f"{member.name} takes {wanted.dtype} and {fed.name} is {fed.dtype}: text cannot flow here. Encode it as numbers."
        )
    last = scales_last(member, fed, wanted.shape)
    if not last:
        reference = to_scale(writer, member, reference, fed)
    reference = _shape(writer, member, reference, wanted.shape)
    if last:
        reference = to_scale(writer, member, reference, fed)
    if writer.signal(reference).dtype != wanted.dtype:
        received = writer.signal(reference).dtype
        reason = f"{member.name} takes {wanted.dtype} and receives {received}"
        reference = writer.adapt("cast", reference, reason, member.name, dtype=wanted.dtype)
    return reference


def _shape(writer: GraphWriter, member: Member, reference: str, wanted: Shape) -> str:
    have = writer.signal(reference).shape
    if fits(have, wanted):
        return reference
    of = member.name
    if len(wanted) == 3 and len(have) in (2, 3):
        return _image(writer, member, reference, wanted)
    if len(wanted) == 1 and size(have) == wanted[0]:
        return writer.adapt("flatten", reference, f"{of} takes {describe(wanted)} and the data are {describe(have)}", of)
    filled = _filled(wanted, size(have))
    if filled is not None:
        reason = f"{of} takes {describe(wanted)} and the data are {describe(have)}"
        return writer.adapt("reshape", reference, reason, of, shape=filled)
    raise _cannot(member, wanted, have)


def _filled(wanted: Shape, count: int | None) -> tuple[int, ...] | None:
    """The wanted shape with its one axis of any length set so that it holds this many numbers; None where none does."""
    known = math.prod(axis for axis in wanted if axis is not None)
    if count is None or wanted.count(None) > 1 or known == 0 or count % known or (None not in wanted and count != known):
        return None
    return tuple(count // known if axis is None else axis for axis in wanted)


def _image(writer: GraphWriter, member: Member, reference: str, wanted: Shape) -> str:
    of = member.name
    have = writer.signal(reference).shape
    if None in have:
        raise _cannot(member, wanted, have)
    if len(have) == 2:
        reference = writer.adapt("reshape", reference, f"{of} takes images with channels", of, shape=(*have, 1))
    height, width, channels = wanted
    at = writer.signal(reference).shape
    if channels not in (None, at[2]):
        if channels == 1:
            reference = writer.adapt(
                "channel-mean", reference, f"{of} takes grey images and the data have {at[2]} channels", of
            )
        elif at[2] == 1:
            reason = f"{of} takes {channels} channels and the data have 1"
            reference = writer.adapt("channel-repeat", reference, reason, of, channels=channels)
        else:
            raise _cannot(member, wanted, have)
    target = (height or at[0], width or at[1])
    if target != at[:2]:
        reason = f"{of} takes {target[0]} × {target[1]} pixels and the data have {at[0]} × {at[1]}"
        reference = writer.adapt("resizing", reference, reason, of, height=target[0], width=target[1])
    return reference


def _cannot(member: Member, wanted: Shape, have: Shape) -> Refusal:
    return Refusal(
        f"{member.name} takes {describe(wanted)}, and the data give {describe(have)}: no adapter can make one of the other. "
        "Choose other input columns or another member."
    )
