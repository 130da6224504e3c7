"""From members, data and a layout to a fusion graph: what fits, what is adapted, and what cannot be."""

from __future__ import annotations

from collections.abc import Sequence

from components.data.facts import Bound
from components.fusion.layouts import LAYOUTS
from components.fusion.writer import GraphWriter, Note
from components.models.facts import MemberFacts
from components.recipe import AdapterNode, Data, Document, FusionGraph, Member, Options, Refusal
from components.recipe.wording import shown

__all__ = ["Fitness", "Note", "Plan", "plan", "plannable"]


class Plan(Document):
    """A layout's graph for the chosen members and data, with a sentence for each adapter and each choice made."""

    graph: FusionGraph
    notes: tuple[Note, ...] = ()


class Fitness(Document):
    """Whether a layout can be used: `refusal` says why not, None where it can; `adapters` say what each adapter mends."""

    refusal: str | None = None
    adapters: tuple[str, ...] = ()


def plan(layout: str, options: Options, members: Sequence[tuple[Member, MemberFacts]], data: Data, bound: Bound | None) -> Plan:
    """Writes the fusion graph of a layout.

    Args:
        layout: Its name in `LAYOUTS`.
        options: Its options; missing ones have their defaults.
        members: As many members as the layout takes, in the order chosen, with what is known of them. Names must differ; files
            may be the same.
        data: What the fused model is trained on.
        bound: The training split's statistics. Needed where a member wants its inputs scaled.

    Raises:
        Refusal: when the layout cannot be used.
    """
    if layout not in LAYOUTS:
        raise Refusal(f"No layout is called “{shown(layout)}”. Known are {', '.join(LAYOUTS)}.")
    names = [member.name for member, _ in members]
    for name in names:
        if names.count(name) > 1:
            raise Refusal(f"{names.count(name)} members are called {name}. Give each a name of its own.")
    if not data.inputs:
        raise Refusal("The data have no inputs yet. Choose the input columns on the Data page.")
    writer = GraphWriter(members, data, bound)
    LAYOUTS[layout].write(writer, options)
    return Plan(graph=writer.graph, notes=tuple(writer.notes))


def plannable(members: Sequence[tuple[Member, MemberFacts]], data: Data, bound: Bound | None) -> dict[str, Fitness]:
    """For each layout with its default options whether it can be used."""
    return {layout: _fitness(layout, members, data, bound) for layout in LAYOUTS}


def _fitness(layout: str, members: Sequence[tuple[Member, MemberFacts]], data: Data, bound: Bound | None) -> Fitness:
    try:
        graph = plan(layout, {}, members, data, bound).graph
    except Refusal as refusal:
        return Fitness(refusal=refusal.sentence)
    return Fitness(adapters=tuple(node.reason for node in graph.nodes if isinstance(node, AdapterNode)))
