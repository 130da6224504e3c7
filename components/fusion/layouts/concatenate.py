"""The members' features end to end, and a head over them."""

from __future__ import annotations

from pydantic import Field

from components.fusion.adapt_heads import units_of_target
from components.fusion.layout import layout
from components.fusion.member_heads import dense_heads
from components.fusion.writer import GraphWriter


@layout(
    title="Concatenate",
    family="feature space",
    chinese="并联 · 拼接",
    summary="Each member is cut before its last layer; their features stand side by side under one new head.",
    formula="p = head([h_1; …; h_M]), head(h) = activation(W h + b)",
    reference="Ngiam et al., 2011",
    options={
        "start": Field(description="Begin at the members' logit average, where their last layers allow it."),
        "normalize": Field(description="Bring every branch to one scale first; the head then starts at random."),
    },
)
def concatenate(writer: GraphWriter, start: bool = True, normalize: bool = False) -> None:
    """Features side by side into one head."""
    units, activation = units_of_target(writer)
    features = [writer.features(member) for member in writer.members]
    if normalize:
        features = [
            writer.adapt("layer-normalization", each, "every branch is to speak at one scale", member.name)
            for each, member in zip(features, writer.members, strict=True)
        ]
    joined = writer.operate("concatenate", features)
    obstacle = "its branches are normalised" if normalize else dense_heads(writer, writer.members, units, activation)
    begin = start and not obstacle
    head = writer.operate("head", [joined], start=begin, units=units, activation=activation)
    if start and obstacle:
        writer.note(head, f"The head starts at random, since {obstacle}.")
    writer.output(head)
