"""The graph of one member alone, for training it by itself."""

from __future__ import annotations

from components.data.facts import Bound
from components.fusion.writer import GraphWriter
from components.models.facts import MemberFacts
from components.recipe import Data, FusionGraph, Member


def alone(member: Member, facts: MemberFacts, data: Data, bound: Bound | None = None) -> FusionGraph:
    """The dataset's inputs into the member, and its prediction out, with the adapters that it needs for these data.

    Raises:
        Refusal: when no adapter can make the data or the prediction fit.
    """
    writer = GraphWriter([(member, facts)], data, bound)
    writer.output(writer.prediction(member))
    return writer.graph
