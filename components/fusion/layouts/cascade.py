"""Each member sees the input and what the member before it said."""

from __future__ import annotations

from pydantic import Field

from components.fusion.layout import layout
from components.fusion.stitch import stitch_beside
from components.fusion.writer import GraphWriter


@layout(
    title="Cascade",
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
    said = writer.prediction(writer.members[0])
    for member in writer.members[1:]:
        said = writer.prediction(member, stitch_beside(writer, said, member, start))
    writer.output(said)
