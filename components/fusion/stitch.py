"""The trained adapters through which one member flows into the next."""

from __future__ import annotations

from components.fusion.operators.residual_adapter import LARGEST_PROJECTION
from components.fusion.signals import describe, size
from components.fusion.writer import GraphWriter
from components.recipe import Member, Refusal, Shape


def _input_shape(writer: GraphWriter, member: Member) -> Shape:
    """The shape of the one input into which another member is to flow."""
    inputs = writer.facts(member).inputs
    if len(inputs) != 1:
        raise Refusal(f"{member.name} takes {len(inputs)} inputs, and one member flows into it. Put it first.")
    if not inputs[0].dtype.startswith(("float", "bfloat")):
        raise Refusal(f"{member.name} takes {inputs[0].dtype}, whole numbers that no trained adapter can give. Put it first.")
    return inputs[0].shape


def _own_input(writer: GraphWriter, member: Member) -> tuple[str, tuple[int, ...]]:
    """The dataset's input as a member takes it into which another one is to flow besides, and its shape."""
    _input_shape(writer, member)
    (own,) = writer.inputs(member)
    shape = writer.signal(own).shape
    known = tuple(axis for axis in shape if axis is not None)
    if len(known) < len(shape):
        raise Refusal(f"{member.name} takes {describe(shape)}, and the data do not fix that length. Put it first.")
    return own, known


def stitch(writer: GraphWriter, flow: str, member: Member) -> tuple[str]:
    """A vector through a dense projection into a member; gives what feeds it.

    Raises:
        Refusal: when the member cannot be fed by another, or the projection would be too large.
    """
    shape = _input_shape(writer, member)
    numbers = size(shape)
    if numbers is None:
        raise Refusal(f"{member.name} takes {describe(shape)}, and an adapter gives a known length. Put it first.")
    width = writer.signal(flow).shape[0] or 0
    if width * numbers > LARGEST_PROJECTION:
        raise Refusal(
            f"From {width:,} numbers to the {describe(shape)} that {member.name} takes, an adapter would need "
            f"{width * numbers:,} weights; up to {LARGEST_PROJECTION:,} are built. Put it first, or cut at fewer features."
        )
    reason = f"{width:,} numbers flow in and {member.name} takes {describe(shape)}"
    reference = writer.adapt("dense-projection", flow, reason, member.name, units=numbers)
    if len(shape) > 1:
        reference = writer.adapt("reshape", reference, f"{member.name} takes {describe(shape)}", member.name, shape=shape)
    return (reference,)


def stitch_beside(writer: GraphWriter, said: str, member: Member, start: bool) -> tuple[str]:
    """A vector beside a member's own input, through a projection of the last axis to what the member takes.

    Where the member takes an image or a sequence, the vector is repeated at every position, so the projection stays small.
    With `start` the projection begins as the identity on the input, so that the member begins as if it stood alone.
    """
    own, shape = _own_input(writer, member)
    *positions, width = shape
    if positions:
        reason = f"{member.name} takes {describe(shape)} and a prediction has no positions"
        said = writer.adapt("spread", said, reason, member.name, positions=tuple(positions))
    beside = writer.operate("concatenate", [own, said], id=f"beside-{member.name}")
    units = writer.signal(beside).shape[-1] or 0
    if units * width > LARGEST_PROJECTION:
        raise Refusal(
            f"The adapter into {member.name} would need {units * width:,} weights; up to {LARGEST_PROJECTION:,} are built."
        )
    reason = f"the input and the prediction are {units:,} numbers together and {member.name} takes {width:,}"
    kernel = "identity" if start else "glorot_uniform"
    return (writer.adapt("dense-projection", beside, reason, member.name, units=width, start=kernel),)


def stitch_onto(writer: GraphWriter, flow: str, member: Member) -> tuple[str]:
    """A vector added to a member's own input through a dense layer of zeros: the member begins as if it stood alone.

    Raises:
        Refusal: when the member cannot be fed by another, or the layer would be too large.
    """
    own, _ = _own_input(writer, member)
    return (writer.operate("residual-adapter", [own, flow], id=f"onto-{member.name}"),)
