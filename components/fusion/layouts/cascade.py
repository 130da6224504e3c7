"""Each member sees the input and what the member before it said."""

from __future__ import annotations

from itertools import pairwise

from pydantic import Field

from components.fusion.layout import layout
from components.fusion.stitch import stitch_beside
from components.fusion.writer import GraphWriter


@layout(
    title="Cascade",
    family="chains",
    chinese="级联",
    summary="The next member sees the input and, beside it, what the member before it predicted.",
    formula="p = f_2(S [x; f_1(x)])",
    reference="Viola & Jones, 2001; Heitz et al., 2008",
    options={
        "start": Field(description="Begin where the last member alone stands: the adapter passes the input on unchanged.")
    },
)
def cascade(writer: GraphWriter, start: bool = True) -> None:
    """Each prediction beside the input into the next member."""
    feed = None
    for member, following in pairwise(writer.members):
        feed = stitch_beside(writer, writer.opinion(member, feed), following, start)
    writer.output(writer.prediction(writer.members[-1], feed))
