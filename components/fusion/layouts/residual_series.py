"""One member after the other, each of which still sees the input."""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

from pydantic import Field

from components.fusion.layout import layout
from components.fusion.stitch import stitch_onto
from components.fusion.writer import GraphWriter


@layout(
    title="Residual series",
    family="chains",
    chinese="残差串联",
    summary="What the first member has found is added to the input of the next one; at the start nothing is added.",
    formula="p = f_2(x + S(f_1(x))), S = 0 at the start",
    reference="He et al., 2016",
    options={"through": Field(description="What flows on: the features at the cut layer, or the prediction.")},
)
def residual_series(writer: GraphWriter, through: Literal["features", "prediction"] = "features") -> None:
    """Each member's features, through a dense layer of zeros, onto the next member's own input."""
    feed = None
    for member, following in pairwise(writer.members):
        flow = writer.features(member, feed) if through == "features" else writer.opinion(member, feed)
        feed = stitch_onto(writer, flow, following)
    writer.output(writer.prediction(writer.members[-1], feed))
