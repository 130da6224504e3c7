"""The members' features end to end, and a head over them."""

from __future__ import annotations

from pydantic import Field

from components.fusion.adapt_heads import units_of_target
from components.fusion.feature_head import trained_head
from components.fusion.layout import layout
from components.fusion.member_heads import dense_heads
from components.fusion.operators.dense import HEAD_WIDTH
from components.fusion.writer import GraphWriter


@layout(
    title="Concatenate",
    family="feature space",
    chinese="并联 · 拼接",
    summary="Each member is cut before its last layer; their features stand side by side under one new head.",
    formula="p = head([h_1; …; h_M]), head(h) = activation(W h + b)",
    reference="Ngiam et al., 2011",
    options={
        "start": Field(
            description="Begin at the members' logit average, where their last layers allow it; head width 0 alone."
        ),
        "normalize": Field(description="Bring every branch to one scale first; the head then starts at random."),
        "head_width": HEAD_WIDTH,
    },
)
def concatenate(writer: GraphWriter, start: bool = True, normalize: bool = False, head_width: int = 0) -> None:
    """Features side by side into one head."""
    features = [writer.features(member) for member in writer.members]
    if normalize:
        features = [
            writer.adapt("layer-normalization", each, "every branch is to speak at one scale", member.name)
            for each, member in zip(features, writer.members, strict=True)
        ]
    joined = writer.operate("concatenate", features)
    obstacle = "its branches are normalised" if normalize else dense_heads(writer, writer.members, *units_of_target(writer))
    trained_head(writer, joined, head_width, obstacle if start else None)
