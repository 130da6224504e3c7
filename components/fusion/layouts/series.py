"""One member after the other."""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

from pydantic import Field

from components.fusion.layout import layout
from components.fusion.stitch import stitch
from components.fusion.writer import GraphWriter


@layout(
    title="Series",
    family="chains",
    chinese="串联",
    summary="What the first member has found flows into the next one through a trained adapter.",
    formula="p = f_2(S(f_1(x)))",
    reference="Lenc & Vedaldi, 2015; Bansal et al., 2021",
    options={
        "through": Field(description="What flows on: the features at the cut layer, or the prediction, which is a bottleneck.")
    },
)
def series(writer: GraphWriter, through: Literal["features", "prediction"] = "features") -> None:
    """Each member's features through a dense projection into the next member."""
    feed = None
    for member, following in pairwise(writer.members):
        flow = writer.features(member, feed) if through == "features" else writer.opinion(member, feed)
        feed = stitch(writer, flow, following)
    writer.output(writer.prediction(writer.members[-1], feed))
